//! `reseat connections`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use crate::exit::{Complaint, Exit};
use crate::remote::client::{Client, RemoteArgs};
use crate::remote::table::{print, table, text};
use crate::secret::Secret;

/// What can be done with connections.
#[derive(Debug, Subcommand)]
pub enum ConnectionsCommand {
    /// List the ways into the tenant
    List(RemoteArgs),
    /// Enter a connection, in place of the one of the same purpose
    #[command(after_help = "\
Examples:
  reseat connections set reader --client-id … --certificate reader.pem
  reseat connections set writer --client-id … --secret-file writer.secret --expires-on 2027-01-31
  pass show writer | reseat connections set writer --client-id … --secret-stdin
  reseat connections set reader --client-id … --sign-in

A secret is never given as an argument: everybody on the machine could read it there.")]
    Set(SetArgs),
    /// Sign in with a connection now, and see what it may do
    Check(OneArgs),
    /// Let an administrator sign in for a connection that acts for a person
    Authorize(OneArgs),
    /// Show where an administrator of the tenant consents, and to what
    Consent(OneArgs),
    /// Remove a connection that was entered
    Remove(OneArgs),
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PurposeArg {
    /// Reads the tenant
    Reader,
    /// Changes licenses
    Writer,
    /// Sends mail
    Mailer,
}

impl PurposeArg {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Mailer => "mailer",
        }
    }
}

/// Which connection.
#[derive(Debug, clap::Args)]
pub struct OneArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// What it is for
    purpose: PurposeArg,
}

/// What is entered.
#[derive(Debug, clap::Args)]
pub struct SetArgs {
    #[command(flatten)]
    remote: RemoteArgs,
    /// What it is for
    purpose: PurposeArg,
    /// The application (client) id of the app registration
    #[arg(long, value_name = "ID")]
    client_id: String,
    /// Read the client secret from a file
    #[arg(long, value_name = "FILE", group = "secret")]
    secret_file: Option<PathBuf>,
    /// Read the client secret from standard input
    #[arg(long, group = "secret")]
    secret_stdin: bool,
    /// The secret's last day, so that people are warned before it
    #[arg(long, value_name = "DAY", requires = "secret")]
    expires_on: Option<String>,
    /// A PEM file with private key and certificate
    #[arg(long, value_name = "FILE", conflicts_with_all = ["secret", "sign_in"])]
    certificate: Option<PathBuf>,
    /// PS256, or RS256
    #[arg(long, value_name = "NAME", requires = "certificate")]
    algorithm: Option<String>,
    /// An administrator signs in for it next; a secret is then the app's own
    #[arg(long)]
    sign_in: bool,
}

/// Runs it.
pub async fn run(command: &ConnectionsCommand) -> anyhow::Result<Exit> {
    match command {
        ConnectionsCommand::List(remote) => list(remote).await,
        ConnectionsCommand::Set(args) => set(args).await,
        ConnectionsCommand::Check(args) => check(args).await,
        ConnectionsCommand::Authorize(args) => authorize(args).await,
        ConnectionsCommand::Consent(args) => consent(args).await,
        ConnectionsCommand::Remove(args) => remove(args).await,
    }
}

/// The server's one tenant.
async fn tenant(client: &Client) -> anyhow::Result<String> {
    let all = client.list("/applications", 1).await?;
    let id = all.first().and_then(|application| application["application_id"].as_str());
    Ok(id.context("this server has no tenant")?.to_owned())
}

async fn address(client: &Client, purpose: PurposeArg) -> anyhow::Result<String> {
    Ok(format!("/applications/{}/connections/{}", tenant(client).await?, purpose.as_str()))
}

async fn list(remote: &RemoteArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(remote)?;
    let all = client.get(&format!("/applications/{}/connections", tenant(&client).await?)).await?;
    print(remote.json, &all["items"], |items| {
        let mut rows = table(&["For", "Kind", "App", "Entered in", "Status", "Ends", "Problem"]);
        for item in items.as_array().into_iter().flatten() {
            let fields = ["purpose", "kind", "client_id", "origin", "status", "expires_at", "problem"];
            rows.add_row(fields.map(|field| text(&item[field])));
        }
        rows.to_string()
    });
    Ok(Exit::Done)
}

async fn set(args: &SetArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let body = entry(args)?;
    let saved = client.put(&address(&client, args.purpose).await?, &body).await?;
    let purpose = args.purpose.as_str();
    let next = if args.sign_in { "authorize" } else { "check" };
    print(args.remote.json, &saved, |_| format!("Saved. Next: reseat connections {next} {purpose}\n"));
    Ok(Exit::Done)
}

fn entry(args: &SetArgs) -> anyhow::Result<Value> {
    let secret = secret(args)?;
    let mut body = json!({ "client_id": args.client_id });
    match (&args.certificate, secret, args.sign_in) {
        (Some(file), _, _) => {
            body["kind"] = "certificate".into();
            body["certificate_pem"] = file_text(file)?.reveal().into();
        }
        (None, secret, true) => {
            body["kind"] = "authorization_code".into();
            body["client_secret"] = secret.map(|secret| secret.reveal().to_owned()).into();
        }
        (None, Some(secret), false) => {
            body["kind"] = "client_secret".into();
            body["client_secret"] = secret.reveal().into();
        }
        (None, None, false) => {
            return Err(Complaint::usage(
                "it is not known what this connection signs in with",
                "Give --certificate FILE, --secret-file FILE, --secret-stdin or --sign-in.",
            ));
        }
    }
    if let Some(day) = &args.expires_on {
        body["secret_expires_on"] = day.as_str().into();
    }
    if let Some(algorithm) = &args.algorithm {
        body["certificate_algorithm"] = algorithm.as_str().into();
    }
    Ok(body)
}

fn secret(args: &SetArgs) -> anyhow::Result<Option<Secret>> {
    if args.secret_stdin {
        let mut secret = String::new();
        std::io::stdin().take(64 * 1024).read_to_string(&mut secret).context("standard input cannot be read")?;
        return Ok(Some(Secret::new(secret.trim())));
    }
    args.secret_file.as_deref().map(file_text).transpose()
}

fn file_text(path: &Path) -> anyhow::Result<Secret> {
    Secret::from_file(path)
        .map_err(|error| Complaint::usage(format!("{error:#}"), "Check the path and the rights of the file."))
}

async fn check(args: &OneArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let seen = client.post(&format!("{}/check", address(&client, args.purpose).await?), &json!({})).await?;
    let check = &seen["last_check"];
    print(args.remote.json, &seen, |seen| {
        let mut rows = table(&["", ""]);
        for (name, value) in [
            ("Status", &seen["status"]),
            ("Problem", &seen["problem"]),
            ("Remedy", &seen["remedy"]),
            ("Tenant", &seen["last_check"]["tenant_words"]),
            ("App", &seen["last_check"]["app_name"]),
            ("Signed in as", &seen["signed_in_as"]),
        ] {
            if !value.is_null() {
                rows.add_row([name.to_owned(), text(value)]);
            }
        }
        for (name, field) in [("Granted", "granted"), ("Missing", "missing"), ("Broader than needed", "broader")] {
            let names = seen["last_check"][field].as_array().cloned().unwrap_or_default();
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            rows.add_row([name.to_owned(), names.join("\n")]);
        }
        rows.to_string()
    });
    let whole = check["signs_in"] == true && check["missing"].as_array().is_none_or(Vec::is_empty);
    Ok(if whole { Exit::Done } else { Exit::NeedsPerson })
}

async fn authorize(args: &OneArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let begun = client.post(&format!("{}/authorize", address(&client, args.purpose).await?), &json!({})).await?;
    print(args.remote.json, &begun, |begun| {
        format!(
            "Open this in a browser and sign in as an administrator of the tenant, before {}:\n\n{}\n",
            text(&begun["expires_at"]),
            text(&begun["authorize_url"])
        )
    });
    Ok(Exit::NeedsPerson)
}

async fn consent(args: &OneArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    let path = format!("/applications/{}/consent-link?purpose={}", tenant(&client).await?, args.purpose.as_str());
    let link = client.get(&path).await?;
    print(args.remote.json, &link, |link| {
        let mut rows = table(&["Permission", "What for"]);
        for permission in link["permissions"].as_array().into_iter().flatten() {
            rows.add_row([text(&permission["permission"]), text(&permission["why"])]);
        }
        format!("{rows}\n\nAn administrator of the tenant consents here:\n{}\n", text(&link["url"]))
    });
    Ok(Exit::Done)
}

async fn remove(args: &OneArgs) -> anyhow::Result<Exit> {
    let client = Client::from_args(&args.remote)?;
    client.delete(&address(&client, args.purpose).await?).await?;
    print(args.remote.json, &json!({ "removed": args.purpose.as_str() }), |_| "Removed.\n".to_owned());
    Ok(Exit::Done)
}
