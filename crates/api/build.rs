//! The console is embedded at compile time. Where it was not built, a one-line page says so, so that the
//! server builds without Node.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let dist = Path::new("../../console/dist");
    println!("cargo:rerun-if-changed=../../console/dist");
    if dist.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(dist)?;
    let page = "<!doctype html><meta charset=\"utf-8\"><title>Reseat</title><p>console not built: run make build</p>\n";
    std::fs::write(dist.join("index.html"), page)
}
