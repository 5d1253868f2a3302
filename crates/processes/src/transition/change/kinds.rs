//! What changes are told apart by.

use mainstay_engine::choices;

choices! {
    /// How a change is brought in. Normal ones go through assessment, at the level of their weight; a proposal is what
    /// they are details of.
    Type {
        Standard = "standard" "Standard", Minor = "minor" "Normal, minor",
        Significant = "significant" "Normal, significant", Major = "major" "Normal, major",
        Emergency = "emergency" "Emergency", Proposal = "proposal" "Proposal",
    }
}
choices! {
    /// How its implementation went.
    Ending { Implemented = "implemented" "Implemented", Partly = "partly" "Partly done", BackedOut = "backed_out" "Backed out" }
}
choices! {
    /// What the review says of it.
    Outcome {
        Successful = "successful" "Successful", WithIssues = "successful_with_issues" "Successful with issues",
        Failed = "failed" "Failed", BackedOut = "backed_out" "Backed out",
    }
}
choices! {
    /// What became of a change that nobody had asked for.
    Verdict { Authorised = "authorised" "Authorised afterwards", Reversed = "reversed" "To be reversed" }
}
choices! {
    /// What the change means for the map of the estate.
    Map { Updated = "updated" "Configuration items are up to date", NoEffect = "no_effect" "No effect on configuration items" }
}
choices! {
    /// Whether the change reached what it was made for.
    Met { Fully = "fully" "Fully", Partly = "partly" "Partly", Not = "not" "Not" }
}
