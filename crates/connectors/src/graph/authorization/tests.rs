use super::*;

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(0x1234))
}

#[test]
fn the_challenge_of_the_standards_own_example_comes_out() {
    // RFC 7636, appendix B.
    let random = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
        240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let pkce = Pkce::new(random);
    assert_eq!(pkce.verifier().reveal(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(pkce.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_eq!(Pkce::from_verifier(pkce.verifier().clone()).challenge(), pkce.challenge());
    assert!(!format!("{pkce:?}").contains("dBjft"));
}
