//! What was bought, until when.

use reseat_domain::directory::OpenWord;
use reseat_domain::licensing::Subscription;
use reseat_store::subscriptions;

use crate::engines::{conformance, read, write};
use crate::fixtures::*;

conformance! {
    async fn purchases_of_a_sku_come_by_their_next_date_and_a_reading_replaces_the_one_before(store) {
        let bought = |id: &str, sku_number, until: Option<&str>| Subscription {
            subscription_id: id.to_owned(), commerce_id: Some(format!("invoice {id}")), sku_id: sku(sku_number),
            status: OpenWord("Enabled".to_owned()), total_units: 25, is_trial: id == "c", created_at: Some(now()),
            next_lifecycle_at: until.map(at), sold_by_tenant: None,
        };
        let first = [
            bought("a", 1, None),
            bought("b", 1, Some("2027-05-01T00:00:00Z")),
            bought("c", 1, Some("2026-10-01T00:00:00Z")),
            bought("d", 2, None),
            bought("d", 2, Some("2026-12-01T00:00:00Z")),
        ];
        write!(store, tx => subscriptions::replace_subscriptions(tx, tenant(), &first));
        let kept = read!(store, tx => subscriptions::list_subscriptions(tx, tenant(), sku(1)));
        assert_eq!(kept, [first[2].clone(), first[1].clone(), first[0].clone()], "3.2: the next to end first");
        assert_eq!(read!(store, tx => subscriptions::list_subscriptions(tx, tenant(), sku(2))), [first[4].clone()]);
        assert!(read!(store, tx => subscriptions::list_subscriptions(tx, stranger(), sku(1))).is_empty());

        write!(store, tx => subscriptions::replace_subscriptions(tx, stranger(), &[]));
        write!(store, tx => subscriptions::replace_subscriptions(tx, tenant(), &[first[3].clone()]));
        assert!(read!(store, tx => subscriptions::list_subscriptions(tx, tenant(), sku(1))).is_empty());
        assert_eq!(read!(store, tx => subscriptions::list_subscriptions(tx, tenant(), sku(2))), [first[3].clone()]);
    }
}
