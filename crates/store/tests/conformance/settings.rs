//! Settings of the installation.

use reseat_store::installation::settings;

use crate::engines::{conformance, read, write};

conformance! {
    async fn a_setting_is_what_was_set_last(store) {
        assert_eq!(read!(store, tx => settings::get_setting(tx, "key_check")), None);
        write!(store, tx => settings::set_setting(tx, "key_check", "one"));
        write!(store, tx => settings::set_setting(tx, "key_check", "two"));
        assert_eq!(read!(store, tx => settings::get_setting(tx, "key_check")).as_deref(), Some("two"));
        assert_eq!(read!(store, tx => settings::get_setting(tx, "other")), None);
    }
}
