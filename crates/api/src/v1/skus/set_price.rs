//! `PUT /skus/{sku_id}/price`

use axum::extract::State;
use reseat_domain::ids::SkuId;
use reseat_domain::money::{BadPrice, Price};
use reseat_engine::commands;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::caller::Authenticated;
use crate::extract::{Json, Path};
use crate::problem::Problem;
use crate::scalar::PaymentFrequencyName;
use crate::state::ApiState;
use crate::v1::skus::Sku;

/// What one seat costs each time it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPrice {
    /// A decimal of up to six places, such as `39.00`.
    pub amount: String,
    /// Currency code of ISO 4217.
    pub currency: String,
    /// How often it is paid.
    pub payment_frequency: PaymentFrequencyName,
}

/// Enters what one seat of a license type costs.
#[utoipa::path(
    put,
    path = "/skus/{sku_id}/price",
    tag = "skus",
    params(("sku_id" = String, Path, description = "Which license type.")),
    request_body = NewPrice,
    responses((status = 200, description = "Entered.", body = Sku)),
)]
pub async fn set_price(
    State(state): State<ApiState>,
    Authenticated { caller, .. }: Authenticated,
    Path(sku_id): Path<SkuId>,
    Json(body): Json<NewPrice>,
) -> Result<Json<Sku>, Problem> {
    let price =
        Price::parse(&body.amount, &body.currency, body.payment_frequency.0).map_err(|bad| wrong_price(&bad))?;
    commands::set_price(&state.engine, &caller, sku_id, price).await?;
    Ok(Json(Sku::read(&state, sku_id).await?))
}

fn wrong_price(bad: &BadPrice) -> Problem {
    let field = match bad {
        BadPrice::Currency(_) => "currency",
        BadPrice::Frequency(_) => "payment_frequency",
        BadPrice::Amount(_) | BadPrice::Negative(_) | BadPrice::TooFine(_) | BadPrice::TooLarge(_) => "amount",
    };
    Problem::invalid(field, bad.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::tests::Api;

    #[tokio::test]
    async fn a_price_is_entered_and_taken_away_again_and_is_then_not_known_rather_than_zero() {
        let api = Api::synced().await;
        let manager = api.manager().await;
        let listed = manager.get("/skus").await.ok();
        let sku = &listed["items"][0];
        assert_eq!((&sku["price"], &sku["annual_spend"]), (&Value::Null, &Value::Null));
        let path = format!("/skus/{}/price", sku["sku_id"].as_str().expect("an id"));
        let price = json!({"amount": "39.5", "currency": "EUR", "payment_frequency": "annually"});
        api.approver().await.put(&path, price.clone()).await.refused(403, "forbidden");
        let priced = manager.put(&path, price).await.ok();
        assert_eq!(priced["price"], json!({"amount": "39.50", "currency": "EUR", "payment_frequency": "annually"}));
        for (field, body) in [
            ("amount", json!({"amount": "-1", "currency": "EUR", "payment_frequency": "annually"})),
            ("currency", json!({"amount": "1", "currency": "EURO", "payment_frequency": "annually"})),
        ] {
            assert_eq!(manager.put(&path, body).await.refused(422, "invalid")["field"], field);
        }
        let cleared = manager.delete(&path).await.ok();
        assert_eq!((&cleared["price"], &cleared["recoverable"]), (&Value::Null, &Value::Null));
        let unknown = "/skus/00000000-0000-4000-8000-000000000000/price";
        manager.delete(unknown).await.refused(404, "not_found");
        api.finish().await;
    }
}
