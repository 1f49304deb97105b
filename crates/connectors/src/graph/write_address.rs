//! Where a write goes. The address of a membership's reference is built here alone, and looked at once more
//! before it is used: without `/$ref` at its end the same request deletes the account itself (9#28).

use reqwest::{Method, Url};
use reseat_domain::ids::{GroupId, UserId};
use reseat_domain::plan::Write;
use serde_json::{Value, json};

use super::cloud::Cloud;
use super::write_answers::Expect;

/// One request as it goes over the wire.
pub(super) struct Wire {
    pub method: Method,
    pub url: Url,
    pub body: Option<Value>,
    pub expect: Expect,
}

/// The request of a write; `None` if its address came out wrong, and then nothing is sent.
pub(super) fn wire(cloud: &Cloud, write: &Write) -> Option<Wire> {
    let wire = match write {
        Write::LeaveGroup { user_id, group_id } => Wire {
            method: Method::DELETE,
            url: member_ref(cloud, *group_id, *user_id),
            body: None,
            expect: Expect::NothingAfterLeaving,
        },
        Write::JoinGroup { user_id, group_id } => Wire {
            method: Method::POST,
            url: cloud.graph(&format!("v1.0/groups/{group_id}/members/$ref")),
            // Graph wants the whole address of the object here.
            body: Some(json!({ "@odata.id": cloud.graph(&format!("v1.0/directoryObjects/{user_id}")).as_str() })),
            expect: Expect::NothingAfterJoining,
        },
        Write::RemoveLicense { .. }
        | Write::AssignLicense { .. }
        | Write::SwapLicense { .. }
        | Write::SetPlans { .. } => {
            let (_, path, body) = write.request();
            let url = cloud.graph(&format!("v1.0{path}"));
            Wire { method: Method::POST, url, body: Some(body), expect: Expect::Object }
        }
    };
    is_safe(&wire.method, &wire.url).then_some(wire)
}

/// The reference of one membership.
fn member_ref(cloud: &Cloud, group_id: GroupId, user_id: UserId) -> Url {
    cloud.graph(&format!("v1.0/groups/{group_id}/members/{user_id}/$ref"))
}

/// Nothing is ever deleted but a reference.
fn is_safe(method: &Method, url: &Url) -> bool {
    *method != Method::DELETE
        || (url.path().ends_with("/$ref")
            && url.path().contains("/members/")
            && url.query().is_none()
            && url.fragment().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    const USER: &str = "11111111-1111-4111-8111-111111111111";
    const GROUP: &str = "22222222-2222-4222-8222-222222222222";

    fn clouds() -> Vec<Cloud> {
        ["http://127.0.0.1:1234", "http://127.0.0.1:1234/", "http://127.0.0.1:1234/behind/a/proxy/"]
            .iter()
            .filter_map(|root| Cloud::custom(root, "http://127.0.0.1:1234").ok())
            .collect()
    }

    fn ids() -> (UserId, GroupId) {
        (USER.parse().expect("a GUID"), GROUP.parse().expect("a GUID"))
    }

    #[test]
    fn a_membership_is_deleted_by_its_reference_whatever_the_root_looks_like() {
        let (user_id, group_id) = ids();
        assert!(!clouds().is_empty());
        for cloud in clouds() {
            let wire = wire(&cloud, &Write::LeaveGroup { user_id, group_id }).expect("an address");
            assert_eq!(wire.method, Method::DELETE);
            assert!(wire.body.is_none());
            let end = format!("/v1.0/groups/{GROUP}/members/{USER}/$ref");
            assert!(wire.url.as_str().ends_with(&end), "9#28: {}", wire.url);
        }
    }

    #[test]
    fn a_delete_that_lost_its_reference_is_not_sent() {
        for wrong in [
            format!("https://graph.microsoft.com/v1.0/groups/{GROUP}/members/{USER}"),
            format!("https://graph.microsoft.com/v1.0/groups/{GROUP}/members/{USER}/"),
            format!("https://graph.microsoft.com/v1.0/users/{USER}"),
            format!("https://graph.microsoft.com/v1.0/groups/{GROUP}/members/{USER}#/$ref"),
            format!("https://graph.microsoft.com/v1.0/groups/{GROUP}/members/{USER}?x=/$ref"),
            format!("https://graph.microsoft.com/v1.0/users/{USER}/$ref"),
        ] {
            assert!(!is_safe(&Method::DELETE, &Url::parse(&wrong).expect("an address")), "9#28: {wrong}");
        }
        let right = format!("https://graph.microsoft.com/v1.0/groups/{GROUP}/members/{USER}/$ref");
        assert!(is_safe(&Method::DELETE, &Url::parse(&right).expect("an address")));
    }

    #[test]
    fn a_member_is_added_by_the_whole_address_of_the_account() {
        let (user_id, group_id) = ids();
        let cloud = Cloud::custom("http://127.0.0.1:1234", "http://127.0.0.1:1234").expect("a cloud");
        let wire = wire(&cloud, &Write::JoinGroup { user_id, group_id }).expect("an address");
        assert_eq!(wire.url.path(), format!("/v1.0/groups/{GROUP}/members/$ref"));
        let whole = format!("http://127.0.0.1:1234/v1.0/directoryObjects/{USER}");
        assert_eq!(wire.body, Some(json!({ "@odata.id": whole })));
    }
}
