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
