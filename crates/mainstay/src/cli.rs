//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const ABOUT: &str = "IT service management in one program.";

const AFTER: &str = "\
Try it:
  mainstay demo                       believable data in a temporary folder, on http://127.0.0.1:8080

Set it up:
  mainstay --data /var/lib/mainstay init
  mainstay --data /var/lib/mainstay serve

Settings come from flags, then the environment (MAINSTAY_LISTEN, …), then the file
(--config, MAINSTAY_CONFIG, or mainstay.toml here), then defaults. `mainstay serve --check`
shows what is in force and where each value came from.

Exit codes:
  0  done
  1  could not be done
  2  wrong command line or configuration
  3  not ready (init or migrate first), or the doctor found faults";

/// The whole command line.
#[derive(Parser, Debug)]
#[command(name = "mainstay", version, about = ABOUT, after_help = AFTER, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Args, Debug, Default)]
pub struct Common {
    /// Configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// Folder of database, attachments and search index
    #[arg(long, global = true, value_name = "DIR", help_heading = "Settings")]
    pub data: Option<PathBuf>,
    /// Address of the database: `sqlite:/path/file.db` or `postgres://…`
    #[arg(long, global = true, value_name = "URL", help_heading = "Settings")]
    pub database: Option<String>,
    /// Any other setting, such as --set log=debug
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = pair, help_heading = "Settings")]
    pub set: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as key=value")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// What can be done.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Serve people and programs until told to stop
    #[command(
        after_help = "Examples:\n  mainstay serve\n  mainstay serve --listen 0.0.0.0:8080 --base-url https://desk.example.org\n  mainstay serve --check\n\nSIGTERM or Ctrl-C: finish what is under way, then stop."
    )]
    Serve(Serve),
    /// Serve believable demo data to look around in
    #[command(
        after_help = "Examples:\n  mainstay demo\n  mainstay demo --data ./demo --port 0\n\nWithout --data everything is gone when it stops. A folder that holds a demo already is served as it is."
    )]
    Demo(Demo),
    /// Create the database and print a one-time link for the first administrator
    #[command(
        after_help = "Example:\n  mainstay --data /var/lib/mainstay init\n\nRun again before the link was used, it prints a new link and the old one ends."
    )]
    Init,
    /// Bring the database's schema up to this version
    #[command(
        after_help = "Examples:\n  mainstay migrate --check\n  mainstay migrate\n\nMake a backup with the earlier program first: `mainstay backup before.zip`. The server must not run."
    )]
    Migrate {
        /// Only tell what would be done
        #[arg(long)]
        check: bool,
    },
    /// Bring records in from elsewhere
    #[command(
        subcommand,
        after_help = "Examples:\n  mainstay import servicenow-log incident_event_log.zip --dry-run\n  mainstay import csv teams.csv --mapping teams.toml --dry-run"
    )]
    Import(Import),
    /// Write records to a file or standard output
    #[command(
        after_help = "Examples:\n  mainstay export incidents --format csv --output incidents.csv\n  mainstay export incidents --filter 'priority = 1 and opened during last_month' --format json"
    )]
    Export(Export),
    /// Write a backup while everything goes on running
    #[command(
        after_help = "Example:\n  mainstay backup /backups/mainstay-2025-06-09.zip\n\nThe file holds the database and the attachments and restores to SQLite and PostgreSQL alike.\nKeep it secret: it holds everything."
    )]
    Backup {
        /// File to write; it must not exist
        file: PathBuf,
    },
    /// Fill an empty database from a backup
    #[command(after_help = "Example:\n  mainstay --data ./restored restore /backups/mainstay-2025-06-09.zip")]
    Restore {
        /// Backup to read
        file: PathBuf,
    },
    /// Take a restored copy into service: timers fire and messages leave from then on
    #[command(
        after_help = "Example:\n  mainstay --data ./restored activate\n\nNever on a copy beside a running original: both would write to the same people."
    )]
    Activate,
    /// Look whether everything is sound; may run while serving
    #[command(
        after_help = "Example:\n  mainstay --data /var/lib/mainstay doctor\n\nReads every page and every attachment. Exit code 3 when it found a fault."
    )]
    Doctor,
    /// API tokens
    #[command(subcommand)]
    Token(Token),
    /// The search index
    #[command(subcommand)]
    Search(Search),
    /// Fill a database to measure with, and measure
    #[command(subcommand)]
    Bench(Bench),
}

/// How to serve.
#[derive(Args, Debug)]
pub struct Serve {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// The address people type
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Print the settings in force, check them, the database, the folders and the port, and end
    #[arg(long)]
    pub check: bool,
}

/// How to serve the demo.
#[derive(Args, Debug)]
pub struct Demo {
    /// Port on 127.0.0.1; 0 picks a free one
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
}

/// What to import.
#[derive(Subcommand, Debug)]
pub enum Import {
    #[command(
        about = "The incident event log of a ServiceNow instance, as CSV or zipped CSV",
        after_help = "Examples:\n  mainstay import servicenow-log incident_event_log.zip --dry-run\n  mainstay import servicenow-log incident_event_log.zip --calendar around-the-clock\n\nThe same file again changes nothing. Rows that are rejected stand in FILE.rejected.csv with the reason;\nthe exit code is then 1, and everything else stands."
    )]
    ServicenowLog(ImportLog),
    /// A CSV or JSON-lines file by a mapping, see docs/IMPORT.md
    #[command(
        after_help = "Example:\n  mainstay import csv teams.csv --mapping teams.toml --dry-run\n\nwhere teams.toml says what the columns mean:\n  into = \"teams\"\n  origin = \"old-desk\"\n  key = \"Number\"\n  [fields]\n  name = { column = \"Team\" }\n\nThe same file again changes nothing. Rows that are rejected stand in FILE.rejected.csv with the reason;\nthe exit code is then 1, and everything else stands."
    )]
    Csv(ImportCsv),
}

/// How to import an event log.
#[derive(Args, Debug)]
pub struct ImportLog {
    /// The log: .csv or .zip
    pub file: PathBuf,
    /// Key of the calendar in which service levels are counted
    #[arg(long, value_name = "KEY")]
    pub calendar: Option<String>,
    /// Tell what would happen; write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// How to import by a mapping.
#[derive(Args, Debug)]
pub struct ImportCsv {
    /// The file: .csv or .jsonl
    pub file: PathBuf,
    /// Which column goes where (TOML)
    #[arg(long, value_name = "FILE")]
    pub mapping: PathBuf,
    /// Tell what would happen; write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What to export and how.
#[derive(Args, Debug)]
pub struct Export {
    /// incidents, people, teams, …
    pub what: String,
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub format: Format,
    /// Only records that meet this condition
    #[arg(long, value_name = "CONDITION")]
    pub filter: Option<String>,
    /// The field to sort by, with - before it for the greatest first
    #[arg(long, value_name = "FIELD", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// Only these columns, separated by commas
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub fields: Option<Vec<String>>,
    /// File to write, which must not exist; standard output without it
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Json,
    Xlsx,
}

/// What to do with tokens.
#[derive(Subcommand, Debug)]
pub enum Token {
    /// Make a token; its secret is shown once
    #[command(
        after_help = "Examples:\n  mainstay token create --person monitor@example.org --name 'Monitoring' --scope incident.create\n  mainstay token create --person me@example.org --name laptop --scope read --days 30"
    )]
    Create {
        /// E-mail of the person whose rights it carries
        #[arg(long, value_name = "E-MAIL")]
        person: String,
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it may do: read, write, or a permission such as incident.create; repeatable
        #[arg(long = "scope", value_name = "SCOPE", default_values_t = ["read".to_owned()])]
        scopes: Vec<String>,
        /// Days until it expires
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
    },
    /// List tokens, never their secrets
    #[command(after_help = "Example:\n  mainstay token list --person monitor@example.org")]
    List {
        /// E-mail of the person
        #[arg(long, value_name = "E-MAIL")]
        person: String,
    },
    /// End a token at once
    #[command(after_help = "Example:\n  mainstay token revoke --person monitor@example.org 3")]
    Revoke {
        /// E-mail of the person
        #[arg(long, value_name = "E-MAIL")]
        person: String,
        /// Its number in the list
        id: i64,
    },
}

/// What to do with the search index.
#[derive(Subcommand, Debug)]
pub enum Search {
    /// Build the index anew from the database; the server must not run
    #[command(
        after_help = "Example:\n  mainstay --data /var/lib/mainstay search rebuild\n\nNothing is lost when it is interrupted: run it again."
    )]
    Rebuild,
}

/// What to measure with.
#[derive(Subcommand, Debug)]
pub enum Bench {
    /// Add incidents with comments in a realistic distribution
    #[command(
        after_help = "Example:\n  mainstay --data ./million bench fill 1000000\n\nMakes the database when there is none. Never run it on an installation that people use."
    )]
    Fill {
        /// How many incidents
        count: u64,
        /// Same seed, same data
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Add configuration items with five relations each, and measure what fails with them
    #[command(
        after_help = "Example:\n  mainstay --data ./map bench map 1000000\n\nMakes the database when there is none. Never run it on an installation that people use."
    )]
    Map {
        /// How many items
        count: u64,
    },
    /// Add changes that are scheduled within a year, and measure what stands in their way
    #[command(
        after_help = "Example:\n  mainstay --data ./schedule bench schedule 100000\n\nMakes the database when there is none. Never run it on an installation that people use."
    )]
    Schedule {
        /// How many changes
        count: u64,
    },
    /// Measure what each operation costs the server, beside the bare database (Linux)
    #[command(
        after_help = "Example:\n  mainstay --data ./many bench fill 10000\n  mainstay --data ./many bench run\n\nIt adds incidents; never run it on an installation that people use."
    )]
    Run {
        /// E-mail of the person whose rights the clients have
        #[arg(long, value_name = "E-MAIL", default_value = crate::commands::bench::AGENT)]
        person: String,
        /// Seconds for which each operation is measured
        #[arg(long, default_value_t = 4)]
        seconds: u64,
        /// Only operations whose name contains this, such as `portal`
        #[arg(long, value_name = "WORDS", default_value = "")]
        only: String,
        /// Write the figures to this file as well, as JSON
        #[arg(long, value_name = "FILE")]
        json: Option<PathBuf>,
        /// Process of the database server, whose CPU is counted with that of the program
        #[arg(long, value_name = "PID")]
        database_process: Option<u32>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_declared_without_contradiction() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_may_stand_before_and_after_the_command() {
        for line in ["mainstay --data x demo --port 0", "mainstay demo --data x --port 0"] {
            let cli = Cli::parse_from(line.split(' '));
            assert_eq!(cli.common.data, Some("x".into()));
        }
    }
}
