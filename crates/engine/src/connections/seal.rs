//! Where what is sealed of a connection lives: each value in its own column of its own row, so that one cannot be
//! moved to another (section D.5 of the faults).

use reseat_domain::ids::TenantId;

use crate::entropy::Entropy;
use crate::sealing::{DoesNotOpen, Place, Sealer};

/// A sealed column of `connections` or `authorizations`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SealedColumn {
    /// A client secret, or certificate and key.
    Secret,
    /// The refresh token in use.
    RefreshToken,
    /// The one before.
    PreviousToken,
    /// The verifier of a sign-in under way.
    Verifier,
    /// Its nonce.
    Nonce,
}

impl SealedColumn {
    const fn place<'a>(self, tenant: &'a str, row: &'a str) -> Place<'a> {
        let (table, column) = match self {
            Self::Secret => ("connections", "sealed_secret"),
            Self::RefreshToken => ("connections", "sealed_refresh_token"),
            Self::PreviousToken => ("connections", "sealed_previous_token"),
            Self::Verifier => ("authorizations", "sealed_verifier"),
            Self::Nonce => ("authorizations", "sealed_nonce"),
        };
        Place { tenant, table, column, row }
    }
}

/// Seals a text for its column in `row`.
pub(crate) fn seal_text(
    sealer: &Sealer,
    entropy: &dyn Entropy,
    tenant_id: TenantId,
    column: SealedColumn,
    row: &str,
    text: &str,
) -> String {
    let tenant = tenant_id.to_string();
    sealer.seal(&column.place(&tenant, row), text.as_bytes(), entropy)
}

/// Opens what was sealed for its column in `row`.
pub(crate) fn open_text(
    sealer: &Sealer,
    tenant_id: TenantId,
    column: SealedColumn,
    row: &str,
    sealed: &str,
) -> Result<String, DoesNotOpen> {
    let tenant = tenant_id.to_string();
    let bytes = sealer.open(&column.place(&tenant, row), sealed)?;
    String::from_utf8(bytes).map_err(|_| DoesNotOpen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SeededEntropy;

    #[test]
    fn what_is_sealed_for_one_connection_opens_for_no_other_and_in_no_other_column() {
        let tenant = |number: u8| TenantId::from_uuid(uuid::Uuid::from_bytes([number; 16]));
        let sealer = Sealer::from_key([7; 32]);
        let entropy = SeededEntropy::new(1);
        let sealed = seal_text(&sealer, &entropy, tenant(1), SealedColumn::Secret, "reader", "hunter2");
        assert!(!sealed.contains("hunter2"));
        let open = |tenant, column, row: &str| open_text(&sealer, tenant, column, row, &sealed);
        assert_eq!(open(tenant(1), SealedColumn::Secret, "reader").as_deref(), Ok("hunter2"));
        assert_eq!(open(tenant(1), SealedColumn::Secret, "writer"), Err(DoesNotOpen), "another row");
        assert_eq!(open(tenant(1), SealedColumn::RefreshToken, "reader"), Err(DoesNotOpen), "another column");
        assert_eq!(open(tenant(2), SealedColumn::Secret, "reader"), Err(DoesNotOpen), "another tenant");
    }
}
