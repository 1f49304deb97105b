//! What a demo says when it is ready: the sign-ins and the address for people, one line of JSON for
//! scripts.

use reseat_domain::role::Role;
use serde_json::{Value, json};

use crate::demo::folder::Kept;
use crate::demo::supervise::Running;

/// Says it.
pub async fn tell(running: &Running, as_json: bool) {
    let kept = running.kept.lock().await;
    eprintln!("\nThe console is at {}", running.server_ready["console_url"].as_str().unwrap_or_default());
    eprintln!("Sign in as");
    for account in &kept.accounts {
        eprintln!("  {:<16} {}", account.name, account.password);
    }
    eprintln!(
        "\nEverything is kept in {}; --fresh begins again. Ctrl-C ends the demo.",
        running.folder.file("").display()
    );
    if as_json {
        println!("{}", line(running, &kept));
    }
}

fn line(running: &Running, kept: &Kept) -> Value {
    let [simulator, server] = running.pids();
    let sim_url = &running.tenant.http_url;
    let manager = kept.accounts.iter().find(|account| account.role == Role::LicenseManager);
    json!({
        "console_url": running.server_ready["console_url"],
        "api_url": running.server_ready["api_url"],
        "api_token": manager.and_then(|account| account.api_token.as_ref()),
        "scim_url": null,
        "scim_token": null,
        "graph_url": running.tenant.graph_url,
        "sim_url": sim_url,
        "mail_url": format!("{sim_url}/_sim/mail"),
        "tenant_id": running.tenant.tenant_id,
        "store_url": running.server_ready["store_url"],
        "config_file": running.folder.config_file(),
        "pids": { "demo": std::process::id(), "server": server, "simulator": simulator },
        "accounts": kept.accounts,
    })
}
