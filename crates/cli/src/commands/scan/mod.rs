//! `reseat scan`: reads a tenant, judges every seat under the safe preset, and prints what is idle.
//! Nothing is kept and nothing is written.

mod judge;
mod price;
mod read;
mod report;
mod usage;

use std::path::PathBuf;

use clap::ValueEnum;
use reseat_connectors::graph::{Credentials, GraphReader, Secret as ClientSecret};
use reseat_domain::ids::TenantId;

use crate::config::GraphAt;
use crate::exit::{Complaint, Exit};

/// Which tenant, and how to print it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  export RESEAT_CLIENT_SECRET=…
  reseat scan --tenant-id T --client-id C
  reseat scan --tenant-id T --client-id C --price SPE_E3=39.00USD/month --format json > scan.json

The app needs the application permissions User.Read.All, AuditLog.Read.All, Reports.Read.All and
LicenseAssignment.Read.All. What it may not read is a missing signal, and missing signals keep seats.
Ends with 0 whatever was found, and with 1 only if people or license types could not be read in full.")]
pub struct ScanArgs {
    /// The tenant
    #[arg(long)]
    tenant_id: TenantId,
    /// The app registration; its secret comes from RESEAT_CLIENT_SECRET
    #[arg(long)]
    client_id: String,
    /// global, us_gov_l4, us_gov_l5 or china
    #[arg(long, value_name = "CLOUD")]
    cloud: Option<String>,
    /// Root of another Graph, without a version
    #[arg(long, value_name = "URL")]
    graph_url: Option<String>,
    /// Root of another identity platform, without a tenant
    #[arg(long, value_name = "URL")]
    authority_url: Option<String>,
    /// Extra roots for this connection, as PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// What a seat costs, such as SPE_E3=39.00USD/month; may be given several times
    #[arg(long, value_name = "SKU=PRICE", value_parser = price::parse)]
    price: Vec<price::SkuPrice>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How to print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Reads, judges, prints.
pub async fn run(args: &ScanArgs) -> anyhow::Result<Exit> {
    let at = GraphAt::choose(
        args.cloud.as_deref(),
        args.graph_url.clone(),
        args.authority_url.clone(),
        args.ca_file.clone(),
    )?;
    let secret =
        std::env::var("RESEAT_CLIENT_SECRET").ok().filter(|text| !text.trim().is_empty()).ok_or_else(|| {
            Complaint::usage(
                "RESEAT_CLIENT_SECRET is not set",
                "Put the app's client secret into it; it is never shown.",
            )
        })?;
    let credentials = Credentials::secret(&args.client_id, ClientSecret::new(secret.trim()));
    let reader = GraphReader::new(at.cloud.clone(), args.tenant_id, credentials, at.ca_file.as_deref())
        .map_err(|error| Complaint::usage(error.to_string(), "Check --ca-file and the addresses."))?;
    let tenant = read::tenant(&reader, &at, args.tenant_id).await?;
    let result = judge::every_seat(&tenant, &args.price);
    match args.format {
        Format::Json => println!("{}", report::json(&tenant, &result)),
        Format::Table => println!("{}", report::tables(&tenant, &result)),
    }
    Ok(Exit::Done)
}
