//! A tenant as an application.

use reseat_store::integration::{self, Connection};
use reseat_store::read;

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

fn connection(purpose: &str, client_id: &str) -> Connection {
    Connection {
        purpose: purpose.to_owned(),
        kind: "client_secret".to_owned(),
        client_id: client_id.to_owned(),
        graph_url: "https://graph.microsoft.com".to_owned(),
        authority_url: "https://login.microsoftonline.com".to_owned(),
        certificate_thumbprint: None,
        expires_at: None,
    }
}

conformance! {
    async fn an_application_shows_its_connections_its_tasks_with_their_newest_run_and_its_sources(store) {
        publish(store, &[person(1, "Ada King", vec![direct(1), direct(2)]), person(2, "Bo Li", vec![direct(1)])]).await?;
        write!(store, tx => integration::upsert_connection(tx, tenant(), &connection("reader", "old")));
        write!(store, tx => integration::upsert_connection(tx, tenant(), &connection("reader", "new")));
        write!(store, tx => integration::upsert_connection(tx, tenant(), &connection("writer", "new")));
        write!(store, tx => integration::set_connection_status(tx, tenant(), "reader", "working", now()));
        write!(store, tx => integration::insert_task(tx, tenant(), "application_roster", true, 60, now()));
        write!(store, tx => integration::insert_task(tx, tenant(), "reclamation", false, 60, now()));
        write!(store, tx => integration::insert_run(tx, tenant(), id(1), "application_roster", now()));
        write!(store, tx => integration::insert_run(tx, tenant(), id(2), "application_roster", now().plus_seconds(1)));
        write!(store, tx => integration::publish_source(tx, tenant(), "people", now(), 2, now()));

        let found = read!(store, tx => read::applications::find_application(tx, tenant())).expect("set up");
        assert_eq!((found.tenant.name.as_str(), found.people, found.seats), ("Contoso", 2, 3));
        let connections: Vec<_> =
            found.connections.iter().map(|it| (it.purpose.as_str(), it.client_id.as_str(), it.status.as_str())).collect();
        assert_eq!(connections, [("reader", "new", "working"), ("writer", "new", "configured")]);
        assert_eq!(found.connections[0].status_at, Some(now().as_micros()));
        let runs: Vec<_> = found.tasks.iter().map(|it| it.last_run.as_ref().map(|run| run.queued_at)).collect();
        assert_eq!(runs, [Some(now().plus_seconds(1).as_micros()), None]);
        assert_eq!(found.sources[0].row_count, 2);
        assert!(read!(store, tx => read::applications::find_application(tx, stranger())).is_none());
    }
}

conformance! {
    async fn a_connection_of_one_tenant_is_none_of_another(store) {
        write!(store, tx => integration::insert_tenant(tx, tenant(), "Contoso", None, now()));
        write!(store, tx => integration::insert_tenant(tx, stranger(), "Fabrikam", None, now()));
        write!(store, tx => integration::upsert_connection(tx, tenant(), &connection("reader", "one")));
        write!(store, tx => integration::set_connection_status(tx, stranger(), "reader", "failing", now()));
        let other = read!(store, tx => read::applications::find_application(tx, stranger())).expect("set up");
        assert!(other.connections.is_empty() && other.tasks.is_empty() && other.sources.is_empty());
        let own = read!(store, tx => read::applications::find_application(tx, tenant())).expect("set up");
        assert_eq!(own.connections[0].status, "configured");
    }
}
