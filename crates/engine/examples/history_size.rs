//! How much room change-only history takes: a simulated month of daily readings of 1,000 people.
//!
//! `cargo run -p reseat-engine --example history_size` (needs `cargo build -p reseat-graph-sim`)

use reseat_store::dialect::history_bytes;
use reseat_testkit::World;

const PEOPLE: u64 = 1_000;
const DAYS: i64 = 30;

#[tokio::main]
async fn main() {
    let world = World::builder().users(PEOPLE).build().await;
    let first = bytes(&world).await;
    for _ in 0..DAYS {
        world.advance(86_400).await;
        world.roster.put(world.sim.roster().await);
        world.sync().await;
    }
    let last = bytes(&world).await;
    println!("the first reading of {PEOPLE} people: {first} bytes");
    println!("{DAYS} daily readings after it: {} bytes", last - first);
    world.finish().await;
}

async fn bytes(world: &World) -> i64 {
    let mut tx = world.engine().store().read().await.expect("the database answers");
    history_bytes(&mut tx).await.expect("the database knows how large it is")
}
