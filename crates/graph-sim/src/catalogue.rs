//! The license types of the simulated tenant: real ids, a notable part of each type's real service plans.

use uuid::{Uuid, uuid};

/// A service plan.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    pub id: Uuid,
    pub name: &'static str,
    pub for_company: bool,
}

/// A license type.
#[derive(Debug)]
pub struct Sku {
    pub id: Uuid,
    pub part_number: &'static str,
    /// The product name as usage reports print it.
    pub report_name: &'static str,
    pub plans: &'static [&'static Plan],
    pub for_company: bool,
}

/// Position of a license type in [`SKUS`].
pub type SkuIndex = usize;

const fn plan(name: &'static str, id: Uuid) -> Plan {
    Plan { id, name, for_company: false }
}

macro_rules! plans {
    ($($name:ident = $id:literal;)*) => { $( pub static $name: Plan = plan(stringify!($name), uuid!($id)); )* };
}

plans! {
    AAD_PREMIUM = "41781fb2-bc02-4b7c-bd55-b576c07bb09d";
    AAD_PREMIUM_P2 = "eec0eb4f-6444-4f95-aba0-50c24d67f998";
    MFA_PREMIUM = "8a256a2b-b617-496d-b51b-e76466e88db0";
    INTUNE_A = "c1ec4a95-1f05-45b3-a911-aa3fa01094f5";
    INTUNE_O365 = "882e1d05-acd1-4ccb-8708-6ee03664b117";
    RMS_S_PREMIUM = "6c57d4b6-3b23-47a5-9bc9-69f17b4947b3";
    RMS_S_PREMIUM2 = "5689bec4-755d-4753-8b61-40975025187c";
    RMS_S_ENTERPRISE = "bea4c11e-220a-4e6d-8eb8-8ea15d019f90";
    ADALLOM_S_STANDALONE = "2e2ddb96-6af9-4b1d-a3f0-d6ecfd22edb2";
    EXCHANGE_S_ENTERPRISE = "efb87545-963c-4e0d-99df-69c6916d9eb0";
    EXCHANGE_S_STANDARD = "9aaf7827-d63c-4b61-89c3-182f06f82e5c";
    EXCHANGE_S_DESKLESS = "4a82b400-a79f-41a4-b4e2-e94f5787b113";
    EXCHANGE_S_FOUNDATION = "113feb6c-3fe4-4440-bddc-54d774bf0318";
    SHAREPOINTENTERPRISE = "5dbe027f-2339-4123-9542-606e4d348a72";
    SHAREPOINTSTANDARD = "c7699d2e-19aa-44de-8edf-1736da088ca1";
    SHAREPOINTDESKLESS = "902b47e5-dcb2-4fdc-858b-c63a90a2bdb9";
    SHAREPOINTWAC = "e95bec33-7c88-4a70-8e19-b10bd9d0c014";
    ONEDRIVE_BASIC = "da792a53-cbc0-4184-a10d-e544dd34b3c1";
    OFFICESUBSCRIPTION = "43de0ff5-c92c-492b-9116-175376d08c38";
    OFFICEMOBILE_SUBSCRIPTION = "c63d4d19-e8cb-460e-b37c-4d6c34603745";
    TEAMS1 = "57ff2da0-773e-42df-b2af-ffb7a2317929";
    MCOSTANDARD = "0feaeb32-d00e-4d66-bd5a-43b5b83db82c";
    MCOIMP = "afc06cb0-b4f4-4473-8286-d644f70d8faf";
    MCOEV = "4828c8ec-dc2e-4779-b502-87ac9ce28ab7";
    MCOMEETADV_PLAN = "3e26ee1f-8a5f-4d52-aee2-b81ce45c8f40";
    BI_AZURE_P2 = "70d33638-9c74-4d01-bfd3-562de28bd4ba";
    ATP_ENTERPRISE = "f20fedf3-f3c3-43c3-8267-2bfdd51c0939";
    THREAT_INTELLIGENCE = "8e0c0a52-6a6c-4d40-8370-dd62790dcd70";
    WINDEFATP = "871d91ec-ec1a-452b-a83f-bd76c7d770ef";
    MDE_LITE = "292cc034-7b7c-4950-aaf5-943befd3f1d4";
    WIN10_PRO_ENT_SUB = "21b439ba-a0ca-424f-a6cc-52f954a5b111";
    WIN10_ENT_LOC_F1 = "e041597c-9c7f-4ed9-99b0-2663301576f7";
    VISIO_CLIENT_SUBSCRIPTION = "663a804f-1c30-4ff0-9915-9db84f0d1cea";
    VISIOONLINE = "2bdbaf8f-738f-4ac7-9234-3c3ee2ce7d0f";
    PROJECT_CLIENT_SUBSCRIPTION = "fafd7243-e5c1-4a3a-9e40-495efcb1d3c3";
    SHAREPOINT_PROJECT = "fe71d6c3-a2ea-4499-9778-da042bf08063";
    PROJECT_PROFESSIONAL = "818523f5-016b-4355-9be8-ed6944946ea7";
    M365_COPILOT_APPS = "a62f8878-de10-42f3-b68f-6149a25ceb97";
    M365_COPILOT_TEAMS = "b95945de-b3bd-46db-8437-f2beb6ea2347";
    M365_COPILOT_BUSINESS_CHAT = "3f30311c-6b1e-48a4-ab79-725b469da960";
    LOCKBOX_ENTERPRISE = "9f431833-0334-42de-a7dc-70aa40db46db";
    M365_ADVANCED_AUDITING = "2f442157-a11c-46b9-ae5b-6e39ff4e5849";
    INFO_GOVERNANCE = "e26c2fcc-ab91-4a61-b35c-03cdc8dddf66";
    YAMMER_ENTERPRISE = "7547a3fe-08ee-4ccb-b430-5077c5041653";
    PROJECTWORKMANAGEMENT = "b737dad2-2f6c-4c65-90e3-ca563267e8b9";
    SWAY = "a23b959c-7ce8-4e57-9140-b90eb88a9e97";
    FORMS_PLAN_E3 = "2789c901-c14e-48ab-a76a-be334d9d793a";
    STREAM_O365_E3 = "9e700747-8b1d-45e5-ab8d-ef187ceec156";
    MCOPSTN1 = "4ed3ff63-69d7-4fb7-b984-5aec7f605ca8";
    MCOPSTN2 = "5a10155d-f5c1-411a-a8ec-e99aae125390";
    DYN365_CDS_VIRAL = "17ab22cd-a0b3-4536-910a-cb6eb12696c0";
    FLOW_P2_VIRAL = "50e68c76-46c6-4674-81f9-75456511b170";
}

static SHAREPOINTSTORAGE: Plan =
    Plan { id: uuid!("be5a7ed5-c598-4fcd-a061-5e6724c68a58"), name: "SHAREPOINTSTORAGE", for_company: true };

pub const SPE_E3: SkuIndex = 0;
pub const SPE_E5: SkuIndex = 1;
pub const SPE_F1: SkuIndex = 2;
pub const ENTERPRISEPACK: SkuIndex = 3;
pub const POWER_BI_PRO: SkuIndex = 4;
pub const VISIOCLIENT: SkuIndex = 5;
pub const PROJECTPROFESSIONAL: SkuIndex = 6;
pub const EMS: SkuIndex = 7;
pub const EXCHANGESTANDARD: SkuIndex = 8;
pub const COPILOT: SkuIndex = 9;
pub const FLOW_FREE: SkuIndex = 10;
pub const MCOMEETADV: SkuIndex = 11;
pub const STORAGE: SkuIndex = 12;

/// Every license type the tenant owns.
pub static SKUS: [Sku; 13] = [
    Sku {
        id: uuid!("05e9a617-0261-4cee-bb44-138d3ef5d965"),
        part_number: "SPE_E3",
        report_name: "MICROSOFT 365 E3",
        for_company: false,
        plans: &[
            &AAD_PREMIUM,
            &MFA_PREMIUM,
            &INTUNE_A,
            &INTUNE_O365,
            &RMS_S_PREMIUM,
            &RMS_S_ENTERPRISE,
            &EXCHANGE_S_ENTERPRISE,
            &SHAREPOINTENTERPRISE,
            &OFFICESUBSCRIPTION,
            &SHAREPOINTWAC,
            &TEAMS1,
            &MCOSTANDARD,
            &ATP_ENTERPRISE,
            &MDE_LITE,
            &WIN10_PRO_ENT_SUB,
            &YAMMER_ENTERPRISE,
            &PROJECTWORKMANAGEMENT,
            &SWAY,
            &FORMS_PLAN_E3,
            &STREAM_O365_E3,
        ],
    },
    Sku {
        id: uuid!("06ebc4ee-1bb5-47dd-8120-11324bc54e06"),
        part_number: "SPE_E5",
        report_name: "MICROSOFT 365 E5",
        for_company: false,
        plans: &[
            &AAD_PREMIUM,
            &AAD_PREMIUM_P2,
            &MFA_PREMIUM,
            &INTUNE_A,
            &INTUNE_O365,
            &RMS_S_PREMIUM,
            &RMS_S_PREMIUM2,
            &RMS_S_ENTERPRISE,
            &ADALLOM_S_STANDALONE,
            &EXCHANGE_S_ENTERPRISE,
            &SHAREPOINTENTERPRISE,
            &OFFICESUBSCRIPTION,
            &SHAREPOINTWAC,
            &TEAMS1,
            &MCOSTANDARD,
            &MCOEV,
            &MCOMEETADV_PLAN,
            &BI_AZURE_P2,
            &ATP_ENTERPRISE,
            &THREAT_INTELLIGENCE,
            &WINDEFATP,
            &WIN10_PRO_ENT_SUB,
            &LOCKBOX_ENTERPRISE,
            &M365_ADVANCED_AUDITING,
            &INFO_GOVERNANCE,
            &YAMMER_ENTERPRISE,
            &SWAY,
        ],
    },
    Sku {
        id: uuid!("66b55226-6b4f-492c-910c-a3b7a3c9d993"),
        part_number: "SPE_F1",
        report_name: "MICROSOFT 365 F3",
        for_company: false,
        plans: &[
            &AAD_PREMIUM,
            &MFA_PREMIUM,
            &INTUNE_A,
            &INTUNE_O365,
            &RMS_S_PREMIUM,
            &EXCHANGE_S_DESKLESS,
            &SHAREPOINTDESKLESS,
            &OFFICEMOBILE_SUBSCRIPTION,
            &SHAREPOINTWAC,
            &TEAMS1,
            &MCOIMP,
            &WIN10_ENT_LOC_F1,
            &YAMMER_ENTERPRISE,
            &SWAY,
        ],
    },
    Sku {
        id: uuid!("6fd2c87f-b296-42f0-b197-1e91e994b900"),
        part_number: "ENTERPRISEPACK",
        report_name: "OFFICE 365 E3",
        for_company: false,
        plans: &[
            &INTUNE_O365,
            &RMS_S_ENTERPRISE,
            &EXCHANGE_S_ENTERPRISE,
            &SHAREPOINTENTERPRISE,
            &OFFICESUBSCRIPTION,
            &SHAREPOINTWAC,
            &TEAMS1,
            &MCOSTANDARD,
            &ATP_ENTERPRISE,
            &YAMMER_ENTERPRISE,
            &PROJECTWORKMANAGEMENT,
            &SWAY,
            &FORMS_PLAN_E3,
            &STREAM_O365_E3,
        ],
    },
    Sku {
        id: uuid!("f8a1db68-be16-40ed-86d5-cb42ce701560"),
        part_number: "POWER_BI_PRO",
        report_name: "POWER BI PRO",
        for_company: false,
        plans: &[&BI_AZURE_P2, &EXCHANGE_S_FOUNDATION],
    },
    Sku {
        id: uuid!("c5928f49-12ba-48f7-ada3-0d743a3601d5"),
        part_number: "VISIOCLIENT",
        report_name: "VISIO PLAN 2",
        for_company: false,
        plans: &[&ONEDRIVE_BASIC, &VISIO_CLIENT_SUBSCRIPTION, &VISIOONLINE, &EXCHANGE_S_FOUNDATION],
    },
    Sku {
        id: uuid!("53818b1b-4a27-454b-8896-0dba576410e6"),
        part_number: "PROJECTPROFESSIONAL",
        report_name: "PLANNER AND PROJECT PLAN 3",
        for_company: false,
        plans: &[
            &SHAREPOINTENTERPRISE,
            &SHAREPOINTWAC,
            &PROJECT_CLIENT_SUBSCRIPTION,
            &SHAREPOINT_PROJECT,
            &PROJECT_PROFESSIONAL,
            &EXCHANGE_S_FOUNDATION,
        ],
    },
    Sku {
        id: uuid!("efccb6f7-5641-4e0e-bd10-b4976e1bf68e"),
        part_number: "EMS",
        report_name: "ENTERPRISE MOBILITY + SECURITY E3",
        for_company: false,
        plans: &[&AAD_PREMIUM, &MFA_PREMIUM, &INTUNE_A, &RMS_S_PREMIUM, &EXCHANGE_S_FOUNDATION],
    },
    Sku {
        id: uuid!("4b9405b0-7788-4568-add1-99614e613b69"),
        part_number: "EXCHANGESTANDARD",
        report_name: "EXCHANGE ONLINE (PLAN 1)",
        for_company: false,
        plans: &[&INTUNE_O365, &EXCHANGE_S_STANDARD],
    },
    Sku {
        id: uuid!("639dec6b-bb19-468b-871c-c5c441c4b0cb"),
        part_number: "Microsoft_365_Copilot",
        report_name: "MICROSOFT COPILOT FOR MICROSOFT 365",
        for_company: false,
        plans: &[&M365_COPILOT_APPS, &M365_COPILOT_TEAMS, &M365_COPILOT_BUSINESS_CHAT],
    },
    Sku {
        id: uuid!("f30db892-07e9-47e9-837c-80727f46fd3d"),
        part_number: "FLOW_FREE",
        report_name: "MICROSOFT POWER AUTOMATE FREE",
        for_company: false,
        plans: &[&DYN365_CDS_VIRAL, &FLOW_P2_VIRAL, &EXCHANGE_S_FOUNDATION],
    },
    Sku {
        id: uuid!("0c266dff-15dd-4b49-8397-2bb16070ed52"),
        part_number: "MCOMEETADV",
        report_name: "MICROSOFT 365 AUDIO CONFERENCING",
        for_company: false,
        plans: &[&MCOMEETADV_PLAN],
    },
    Sku {
        id: uuid!("99049c9c-6011-4908-bf17-15f496e6519d"),
        part_number: "SHAREPOINTSTORAGE",
        report_name: "OFFICE 365 EXTRA FILE STORAGE",
        for_company: true,
        plans: &[&SHAREPOINTSTORAGE],
    },
];

/// Plans of which a person may have only one enabled. The SharePoint row is left out but for the kiosk plan, because
/// Plan 1 and Plan 2 do meet in practice.
pub static EXCLUSIVE: [&[&Plan]; 4] = [
    &[&EXCHANGE_S_ENTERPRISE, &EXCHANGE_S_STANDARD, &EXCHANGE_S_DESKLESS],
    &[&SHAREPOINTDESKLESS, &SHAREPOINTENTERPRISE],
    &[&MCOSTANDARD, &MCOIMP],
    &[&MCOPSTN1, &MCOPSTN2],
];

/// A plan and the plans of which at least one must be enabled beside it.
pub static DEPENDENCIES: [(&Plan, &[&Plan]); 5] = [
    (&SHAREPOINT_PROJECT, &[&SHAREPOINTENTERPRISE]),
    (&SHAREPOINTWAC, &[&SHAREPOINTENTERPRISE, &SHAREPOINTSTANDARD, &SHAREPOINTDESKLESS]),
    (&MCOMEETADV_PLAN, &[&MCOSTANDARD, &MCOIMP]),
    (&MCOEV, &[&MCOSTANDARD]),
    (&M365_COPILOT_APPS, &[&OFFICESUBSCRIPTION]),
];

/// The service behind a plan, as `assignedPlans` names it.
pub fn service_of(plan: Uuid) -> &'static str {
    let name = SKUS.iter().flat_map(|sku| sku.plans).find(|known| known.id == plan).map_or("", |plan| plan.name);
    let families = [
        ("EXCHANGE", "exchange"),
        ("SHAREPOINT", "SharePoint"),
        ("ONEDRIVE", "SharePoint"),
        ("TEAMS", "TeamspaceAPI"),
        ("MCO", "MicrosoftCommunicationsOnline"),
        ("OFFICE", "MicrosoftOffice"),
        ("VISIO", "MicrosoftOffice"),
        ("PROJECT", "MicrosoftOffice"),
        ("BI_", "PowerBI"),
        ("AAD", "AADPremiumService"),
        ("MFA", "MultiFactorService"),
        ("INTUNE", "SCO"),
        ("RMS", "RMSOnline"),
        ("YAMMER", "YammerEnterprise"),
        ("SWAY", "Sway"),
        ("M365_COPILOT", "M365Copilot"),
    ];
    families.into_iter().find(|(prefix, _)| name.starts_with(prefix)).map_or("Office365", |(_, service)| service)
}

/// Finds a license type by its id.
pub fn find_sku(id: Uuid) -> Option<SkuIndex> {
    SKUS.iter().position(|sku| sku.id == id)
}

impl Plan {
    /// The plan's name on the wire; the Rust name differs where a plan and a license type share one.
    pub fn wire_name(&self) -> &'static str {
        self.name.strip_suffix("_PLAN").unwrap_or(self.name)
    }
}
