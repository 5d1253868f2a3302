//! Who somebody is: passwords, one-time codes, sessions, API tokens, links, and how often anybody may try.
//!
//! Nothing here says what a person may do. Secrets are drawn from [`Entropy`], shown once and kept as digests; the
//! instant is always an argument.

pub mod accounts;
mod audit;
mod beginning;
mod change;
pub mod cookie;
pub mod csrf;
pub mod device;
mod entrance;
mod entropy;
#[cfg(test)]
mod fixtures;
pub mod links;
mod password;
pub mod policy;
mod secret;
pub mod sessions;
#[cfg(test)]
mod stories;
pub mod throttle;
pub mod tokens;
pub mod totp;

pub use audit::Occasion;
pub use entrance::{Claim, Denied, Entrance, SignedIn, Visitor};
pub use entropy::{Entropy, SystemEntropy};
pub use password::{Busy, Password, PasswordHash, Passwords, Verdict};
pub use secret::{InstallationKey, Purpose, Secret, same};
