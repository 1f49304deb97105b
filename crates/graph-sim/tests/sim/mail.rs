//! Sinks for mail and notices.

use crate::support::Simulator;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

fn message(to: &str, subject: &str, content: &str) -> Value {
    json!({"message": {"subject": subject, "body": {"contentType": "HTML", "content": content},
        "toRecipients": [{"emailAddress": {"address": to}}]}, "saveToSentItems": false})
}

#[tokio::test]
async fn sent_mail_is_accepted_kept_and_shown() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let path = format!("/v1.0/users/{}/sendMail", people[0].id());
    let mailer = sim.token("mailer").await;
    let hello = message("bob@contoso.example", "<b>Seat</b>", "<p>Still needed?</p>");
    let answer = sim.call_as(&mailer, "POST", &path, &hello).await.unwrap();
    assert_eq!((answer.status, answer.text.as_str()), (202, ""));
    let kept = sim.control("GET", "mail", &Value::Null).await.json();
    assert_eq!(kept["messages"][0]["to"], json!(["bob@contoso.example"]));
    assert_eq!(kept["messages"][0]["content"], "<p>Still needed?</p>");
    let journal = sim.journal().await;
    assert_eq!((&journal[0]["kind"], &journal[0]["app_id"]), (&json!("mail_sent"), &json!(sim.app("mailer").0)));
    let page = sim.ask(sim.request("GET", "/_sim/mail").header("Accept", "text/html,*/*")).await.unwrap();
    assert!(page.text.contains("&lt;b&gt;Seat&lt;/b&gt;") && !page.text.contains("<b>Seat"), "{}", page.text);
}

#[tokio::test]
async fn mail_that_cannot_be_sent_is_refused() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let path = format!("/v1.0/users/{}/sendMail", people[0].id());
    let refused = async |body: Value| {
        let answer = sim.call("POST", &path, &body).await;
        (answer.status, answer.code())
    };
    assert_eq!(refused(message("nobody", "x", "y")).await, (400, "ErrorInvalidRecipients".to_owned()));
    let mut headers = message("a@b.example", "x", "y");
    headers["message"]["internetMessageHeaders"] = json!([{"name": "Subject", "value": "x"}]);
    assert_eq!(refused(headers).await, (400, "InvalidInternetMessageHeader".to_owned()));
    let nobody =
        sim.call("POST", "/v1.0/users/nobody@contoso.example/sendMail", &message("a@b.example", "x", "y")).await;
    assert_eq!((nobody.status, nobody.code().as_str()), (404, "ErrorInvalidUser"));
    let reader = sim.token("reader").await;
    let denied = sim.call_as(&reader, "POST", &path, &message("a@b.example", "x", "y")).await.unwrap();
    assert_eq!((denied.status, denied.code().as_str()), (403, "ErrorAccessDenied"));
    assert!(sim.journal().await.is_empty());
}

#[tokio::test]
async fn a_whole_message_may_come_as_base64() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let token = sim.token("mailer").await;
    let send = async |body: String| {
        let path = format!("/v1.0/users/{}/sendMail", people[0].id());
        let request = sim.request("POST", &path).bearer_auth(&token).header("content-type", "text/plain").body(body);
        sim.ask(request).await.unwrap()
    };
    let whole = "To: bob@contoso.example\r\nSubject: Seat\r\nContent-Type: text/plain\r\n\r\nStill needed?";
    assert_eq!(send(STANDARD.encode(whole)).await.status, 202);
    assert_eq!(send("no base64!".to_owned()).await.code(), "ErrorMimeContentInvalidBase64String");
    let kept = sim.control("GET", "mail", &Value::Null).await.json();
    assert_eq!(
        (&kept["messages"][0]["subject"], &kept["messages"][0]["content"]),
        (&json!("Seat"), &json!("Still needed?"))
    );
}

#[tokio::test]
async fn a_teams_notice_is_kept_too() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let path = format!("/v1.0/users/{}/teamwork/sendActivityNotification", people[3].id());
    let notice = json!({"topic": {"source": "text", "value": "Seat", "webUrl": "https://x.example"}, "activityType": "seat",
        "previewText": {"content": "Still needed?"}, "templateParameters": []});
    assert_eq!(sim.call("POST", &path, &notice).await.status, 204);
    assert_eq!(sim.call("POST", &path, &json!({"topic": {}})).await.status, 400);
    let kept = sim.control("GET", "mail", &Value::Null).await.json();
    assert_eq!(kept["messages"][0]["channel"], "teams");
}

#[tokio::test]
async fn one_mailbox_may_be_the_only_one_that_sends() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    sim.settings(&json!({"only_sender": people[0].id()})).await;
    let send = async |user: &str| {
        sim.call("POST", &format!("/v1.0/users/{user}/sendMail"), &message("a@b.example", "s", "c")).await
    };
    assert_eq!(send(people[0].id()).await.status, 202);
    let refused = send(people[1].id()).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "ErrorAccessDenied"), "7.1");
    let token = sim.token_of(people[1].id(), "Mail.Send").await;
    sim.settings(&json!({"only_sender": null})).await;
    let path = |user: &str| format!("/v1.0/users/{user}/sendMail");
    let mail = message("a@b.example", "s", "c");
    let own = sim.call_as(&token, "POST", "/v1.0/me/sendMail", &mail).await.unwrap();
    let foreign = sim.call_as(&token, "POST", &path(people[0].id()), &mail).await.unwrap();
    assert_eq!((own.status, foreign.status, foreign.code().as_str()), (202, 403, "ErrorSendAsDenied"));
    let large = message("a@b.example", "s", &"x".repeat(5 << 20));
    assert_eq!(sim.call("POST", &path(people[0].id()), &large).await.status, 413);
}

#[tokio::test]
async fn notices_may_go_to_many_and_say_where_they_lead() {
    let sim = Simulator::usual();
    let people = sim.people().await;
    let notice = |topic: Value| {
        json!({"topic": topic, "activityType": "seatAsked", "previewText": {"content": "y".repeat(200)},
        "recipients": people[..3].iter().map(|person| json!({"userId": person.id()})).collect::<Vec<_>>()})
    };
    let path = "/v1.0/teamwork/sendActivityNotificationToRecipients";
    let without = notice(json!({"source": "text", "value": "Seat"}));
    assert_eq!(sim.call("POST", path, &without).await.status, 400, "a text topic needs its address");
    let whole = notice(json!({"source": "text", "value": "Seat", "webUrl": "https://x.example"}));
    assert_eq!(sim.call("POST", path, &whole).await.status, 202);
    let kept = sim.control("GET", "mail", &Value::Null).await.json();
    let kept = kept["messages"].as_array().unwrap().clone();
    assert_eq!(kept.len(), 3);
    assert_eq!(kept[0]["content"].as_str().unwrap().len(), 150, "7.2: the first 150 letters are shown");
    let many: Vec<Value> = (0..101).map(|_| json!({"userId": people[0].id()})).collect();
    let mut crowd = whole;
    crowd["recipients"] = json!(many);
    assert_eq!(sim.call("POST", path, &crowd).await.status, 400);
}
