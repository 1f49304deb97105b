//! Friendly names of the commonest skus, as Microsoft published them in June 2026. No prices: what
//! a seat costs is entered by whoever pays for it. An unknown sku is shown by its part number.

use crate::ids::SkuId;

/// Sku id, part number, product name; sorted by id.
const COMMON: &[(&str, &str, &str)] = &[
    (
        "00e1ec7b-e4a3-40d1-9441-b69b597ab222",
        "Microsoft_365_ Business_ Premium_(no Teams)",
        "Microsoft 365 Business Premium (no Teams)",
    ),
    ("05e9a617-0261-4cee-bb44-138d3ef5d965", "SPE_E3", "Microsoft 365 E3"),
    ("061f9ace-7d42-4136-88ac-31dc755f143f", "INTUNE_A", "Intune"),
    ("06ebc4ee-1bb5-47dd-8120-11324bc54e06", "SPE_E5", "Microsoft 365 E5"),
    ("078d2b04-f1bd-4111-bbd4-b4b1b354cef4", "AAD_PREMIUM", "Microsoft Entra ID P1"),
    ("09015f9f-377f-4538-bbb5-f75ceb09358a", "PROJECTPREMIUM", "Project Online Premium"),
    ("0c266dff-15dd-4b49-8397-2bb16070ed52", "MCOMEETADV", "Microsoft 365 Audio Conferencing"),
    ("0dab259f-bf13-4952-b7f8-7db8f131b28d", "MCOPSTN1", "Skype for Business PSTN Domestic Calling"),
    ("111046dd-295b-4d6d-9724-d52ac90bd1f2", "WIN_DEF_ATP", "Microsoft Defender for Endpoint"),
    ("16a55f2f-ff35-4cd5-9146-fb784e3761a5", "DEFENDER_ENDPOINT_P1", "Microsoft Defender for Endpoint P1"),
    ("18181a46-0d4e-45cd-891e-60aabd171b4e", "STANDARDPACK", "Office 365 E1"),
    ("184efa21-98c3-4e5d-95ab-d07053a96e67", "INFORMATION_PROTECTION_COMPLIANCE", "Microsoft 365 E5 Compliance"),
    ("18a4bd3f-0b5b-4887-b04f-61dd0ee15f5e", "Microsoft_365_E5_(no_Teams)", "Microsoft 365 E5 (no Teams)"),
    ("19ec0d23-8335-4cbd-94ac-6050e30712fa", "EXCHANGEENTERPRISE", "Exchange Online (Plan 2)"),
    ("1e1a282c-9c54-43a2-9310-98ef728faace", "DYN365_ENTERPRISE_SALES", "Dynamics 365 for Sales Enterprise Edition"),
    ("1f2f344a-700d-42c9-9427-5cea1d5d7ba6", "STREAM", "Microsoft Stream"),
    ("1fc08a02-8b3d-43b9-831e-f76859e04e1a", "SHAREPOINTSTANDARD", "SharePoint Online (Plan 1)"),
    (
        "21502a13-c8dc-4744-be9c-177fd9d2eafc",
        "Microsoft_365_Business_Basic_(no Teams)",
        "Microsoft 365 Business Basic (no Teams)",
    ),
    ("26124093-3d78-432b-b5dc-48bf992543d5", "IDENTITY_THREAT_PROTECTION", "Microsoft 365 E5 Security"),
    (
        "26d45bd9-adf1-46cd-a9e1-51e9a5524128",
        "ENTERPRISEPREMIUM_NOPSTNCONF",
        "Office 365 E5 Without Audio Conferencing",
    ),
    ("3271cf8e-2be5-4a09-a549-70fd05baaa17", "O365_w/o_Teams_Bundle_M5", "Microsoft 365 E5 EEA (no Teams)"),
    ("32b47245-eb31-44fc-b945-a8b1576c439f", "SPE_F5_SECCOMP", "Microsoft 365 F5 Security + Compliance Add-on"),
    ("36a0f3b3-adb5-49ea-bf66-762134cf063a", "Microsoft_Teams_Premium", "Microsoft Teams Premium Introductory Pricing"),
    ("3b555118-da6a-4418-894f-7df1e2096870", "O365_BUSINESS_ESSENTIALS", "Microsoft 365 Business Basic"),
    ("3dd6cf57-d688-4eed-ba52-9e40b5468c3e", "THREAT_INTELLIGENCE", "Microsoft Defender for Office 365 (Plan 2)"),
    ("440eaaa8-b3e0-484b-a8be-62870b9ba70a", "PHONESYSTEM_VIRTUALUSER", "Microsoft Teams Phone Resource Account"),
    ("44575883-256e-4a79-9da4-ebe9acabe2b2", "M365_F1", "Microsoft 365 F1"),
    ("46c3a859-c90d-40b3-9551-6178a48d5c18", "Office_365_E3_(no_Teams)", "Office 365 E3 (no Teams)"),
    ("488ba24a-39a9-4473-8ee5-19291e71b002", "WIN10_VDA_E5", "Windows 10/11 Enterprise E5"),
    ("4a51bf65-409c-4a91-b845-1121b571cc9d", "FLOW_PER_USER", "Power Automate per user plan"),
    ("4b244418-9658-4451-a2b8-b5e2b364e9bd", "VISIOONLINE_PLAN1", "Visio Plan 1"),
    ("4b585984-651b-448a-9e53-3b10f069cf7f", "DESKLESSPACK", "Office 365 F3"),
    ("4b590615-0888-425a-a965-b3bf7789848d", "M365EDU_A3_FACULTY", "Microsoft 365 A3 for Faculty"),
    ("4b9405b0-7788-4568-add1-99614e613b69", "EXCHANGESTANDARD", "Exchange Online (Plan 1)"),
    ("4cde982a-ede4-4409-9ae6-b003453c8ea6", "Microsoft_Teams_Rooms_Pro", "Microsoft Teams Rooms Pro"),
    ("4ef96642-f096-40de-a3e9-d83fb2f90211", "ATP_ENTERPRISE", "Microsoft Defender for Office 365 (Plan 1)"),
    ("50f60901-3181-4b75-8a2c-4c8e4c1d5a72", "M365_F1_COMM", "Microsoft 365 F1"),
    ("535a3a29-c5f0-42fe-8215-d3b9e1f38c4a", "ENTERPRISEPACK_GOV", "Office 365 G3 GCC"),
    ("53818b1b-4a27-454b-8896-0dba576410e6", "PROJECTPROFESSIONAL", "Planner and Project Plan 3"),
    (
        "5a1c7b8d-0739-4ca8-bf69-ec87e69133ac",
        "MICROSOFT_365_BUSINESS_STANDARD_NO_TEAMS",
        "Microsoft 365 Business Standard (no Teams)",
    ),
    ("606b54a9-78d8-4298-ad8b-df6ef4481c80", "CCIBOTS_PRIVPREV_VIRAL", "Microsoft Copilot Studio Viral Trial"),
    ("6070a4c8-34c6-4937-8dfb-39bbc6397a60", "MEETING_ROOM", "Microsoft Teams Rooms Standard"),
    ("639dec6b-bb19-468b-871c-c5c441c4b0cb", "Microsoft_365_Copilot", "Microsoft Copilot for Microsoft 365"),
    ("6470687e-a428-4b7a-bef2-8a291ad947c9", "WINDOWS_STORE", "Windows Store for Business"),
    ("66b55226-6b4f-492c-910c-a3b7a3c9d993", "SPE_F1", "Microsoft 365 F3"),
    ("67ffe999-d9ca-49e1-9d2c-03fb28aa7a48", "SPE_F5_SEC", "Microsoft 365 F5 Security Add-on"),
    ("6a0f6da5-0b87-4190-a6ae-9bb5a2b9546a", "WIN10_VDA_E3", "Windows 10/11 Enterprise E3"),
    ("6af4b3d6-14bb-4a2a-960c-6c902aad34f3", "Microsoft_Teams_Rooms_Basic", "Microsoft Teams Rooms Basic"),
    ("6fd2c87f-b296-42f0-b197-1e91e994b900", "ENTERPRISEPACK", "Office 365 E3"),
    ("710779e8-3d4a-4c88-adb9-386c958d1fdf", "TEAMS_EXPLORATORY", "Microsoft Teams Exploratory"),
    ("776df282-9fc0-4862-99e2-70e561b9909e", "PROJECTESSENTIALS", "Project Online Essentials"),
    ("7e31c0d9-9551-471d-836f-32ee72be4a01", "Microsoft_Teams_Enterprise_New", "Microsoft Teams Enterprise"),
    ("7e74bd05-2c47-404e-829a-ba95c66fe8e5", "Microsoft_Teams_EEA_New", "Microsoft Teams EEA"),
    ("80b2d799-d2ba-4d2a-8842-fb0d0f3a4b82", "EXCHANGEDESKLESS", "Exchange Online Kiosk"),
    ("84a661c4-e949-4bd2-a560-ed7766fcaf2b", "AAD_PREMIUM_P2", "Microsoft Entra ID P2"),
    ("8c4ce438-32a7-4ac5-91a6-e22ae08d9c8b", "RIGHTSMANAGEMENT_ADHOC", "Rights Management Adhoc"),
    (
        "8e7a3d30-d97d-43ab-837c-d7701cef83dc",
        "DYN365_ENTERPRISE_TEAM_MEMBERS",
        "Dynamics 365 for Team Members Enterprise Edition",
    ),
    ("91de26be-adfa-4a3d-989e-9131cc23dda7", "SPE_F5_COMP", "Microsoft 365 F5 Compliance Add-on"),
    ("94763226-9b3c-4e75-a931-5c89701abe66", "STANDARDWOFFPACK_FACULTY", "Office 365 A1 for faculty"),
    ("98defdf7-f6c1-44f5-a1f6-943b6764e7a5", "ATA", "Microsoft Defender for Identity"),
    ("9a18296a-025f-4e37-9ffa-30bf8d1ce775", "MICROSOFT_365_E7", "Microsoft 365 E7"),
    ("a403ebcc-fae0-4ca2-8c8c-7a907fd6c235", "POWER_BI_STANDARD", "Microsoft Fabric (Free)"),
    ("a809996b-059e-42e2-9866-db24b99a9782", "M365_Copilot", "Microsoft Copilot for Microsoft 365"),
    ("a9732ec9-17d9-494c-a51c-d6b45b384dcb", "SHAREPOINTENTERPRISE", "SharePoint Online (Plan 2)"),
    ("b05e124f-c7cc-45a0-a6aa-8cf78c946968", "EMSPREMIUM", "Enterprise Mobility + Security E5"),
    ("b30411f5-fea1-4a59-9ad9-3db7c7ead579", "POWERAPPS_PER_USER", "Power Apps Premium"),
    ("beb6439c-caad-48d3-bf46-0c82871e12be", "PROJECT_P1", "Planner Plan 1"),
    ("c1d032e0-5619-4761-9b5c-75b6831e1711", "PBI_PREMIUM_PER_USER", "Power BI Premium Per User"),
    ("c2273bd0-dff7-4215-9ef5-2c7bcfb06425", "OFFICESUBSCRIPTION", "Microsoft 365 Apps for Enterprise"),
    ("c2fe850d-fbbb-4858-b67d-bd0c6e746da3", "O365_w/o Teams Bundle_M3", "Microsoft 365 E3 EEA (no Teams)"),
    ("c52ea49f-fe5d-4e95-93ba-1de91d380f89", "RIGHTSMANAGEMENT", "Azure Information Protection Plan 1"),
    ("c5928f49-12ba-48f7-ada3-0d743a3601d5", "VISIOCLIENT", "Visio Plan 2"),
    ("c7df2760-2c81-4ef7-b578-5b5392b571df", "ENTERPRISEPREMIUM", "Office 365 E5"),
    ("cb10e6cd-9da4-4992-867b-67546b1db821", "WIN10_PRO_ENT_SUB", "Windows 10/11 Enterprise E3"),
    ("cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", "SPB", "Microsoft 365 Business Premium"),
    ("cdd28e44-67e3-425e-be4c-737fab2899d3", "O365_BUSINESS", "Microsoft 365 Apps for Business"),
    ("cf6b0d46-4093-4546-a0ab-0b1546dcc10e", "Microsoft_Entra_ID_Governance", "Microsoft Entra ID Governance"),
    ("d3b4fe1f-9992-4930-8acb-ca6ec609365e", "MCOPSTN2", "Skype for Business PSTN Domestic and International Calling"),
    ("dcb1a3ae-b33f-4487-846a-a640262fadf4", "POWERAPPS_VIRAL", "Microsoft Power Apps Plan 2 Trial"),
    ("dcf0408c-aaec-446c-afd4-43e3683943ea", "Microsoft_365_E3_(no_Teams)", "Microsoft 365 E3 (no Teams)"),
    ("de376a03-6e5b-42ec-855f-093fb50b8ca5", "PBI_PREMIUM_PER_USER_ADDON", "Power BI Premium Per User Add-On"),
    ("df845ce7-05f9-4894-b5f2-11bbfbcfd2b6", "ADALLOM_STANDALONE", "Microsoft Cloud App Security"),
    ("e43b5b99-8dfb-405f-9987-dc307f34bcbd", "MCOEV", "Microsoft Teams Phone Standard"),
    ("e6778190-713e-4e4f-9119-8b8238de25df", "WACONEDRIVESTANDARD", "OneDrive for Business (Plan 1)"),
    ("e823ca47-49c4-46b3-b38d-ca11d5abe3d2", "M365_G3_GOV", "Microsoft 365 G3 GCC"),
    ("e97c048c-37a4-45fb-ab50-922fbf07a370", "M365EDU_A5_FACULTY", "Microsoft 365 A5 for faculty"),
    ("ed01faf2-1d88-4947-ae91-45ca18703a96", "WACONEDRIVEENTERPRISE", "OneDrive for Business (Plan 2)"),
    ("ee02fd1b-340e-4a4b-b355-4a514e4c8943", "EXCHANGEARCHIVE_ADDON", "Exchange Online Archiving for Exchange Online"),
    ("efccb6f7-5641-4e0e-bd10-b4976e1bf68e", "EMS", "Enterprise Mobility + Security E3"),
    ("f245ecc8-75af-4f8e-b61f-27d8114de5f3", "O365_BUSINESS_PREMIUM", "Microsoft 365 Business Standard"),
    ("f30db892-07e9-47e9-837c-80727f46fd3d", "FLOW_FREE", "Microsoft Power Automate Free"),
    ("f8a1db68-be16-40ed-86d5-cb42ce701560", "POWER_BI_PRO", "Power BI Pro"),
    ("f8ced641-8e17-4dc5-b014-f5a2d53f6ac8", "Office_365_E1_(no_Teams)", "Office 365 E1 (no Teams)"),
];

/// Skus that cost nothing; a missing price is no gap there.
const FREE: &[&str] = &[
    "16ddbbfc-09ea-4de2-b1d7-312db6112d70",
    "1f2f344a-700d-42c9-9427-5cea1d5d7ba6",
    "606b54a9-78d8-4298-ad8b-df6ef4481c80",
    "6470687e-a428-4b7a-bef2-8a291ad947c9",
    "710779e8-3d4a-4c88-adb9-386c958d1fdf",
    "74fbf1bb-47c6-4796-9623-77dc7371723b",
    "8c4ce438-32a7-4ac5-91a6-e22ae08d9c8b",
    "90d8b3f8-712e-4f7b-aa1e-62e7ae6cbe96",
    "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235",
    "dcb1a3ae-b33f-4487-846a-a640262fadf4",
    "f30db892-07e9-47e9-837c-80727f46fd3d",
];

/// The product name of a sku, if it is one of the commonest.
pub fn product_name(sku_id: SkuId) -> Option<&'static str> {
    let key = sku_id.to_string();
    COMMON.binary_search_by(|(id, _, _)| (*id).cmp(key.as_str())).ok().map(|at| COMMON[at].2)
}

/// Whether Microsoft gives the sku away.
pub fn is_free(sku_id: SkuId) -> bool {
    FREE.contains(&sku_id.to_string().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_its_ids_are_ids() {
        assert!(COMMON.is_sorted_by(|a, b| a.0 < b.0));
        for (id, _, _) in COMMON {
            let sku: SkuId = id.parse().expect("a GUID");
            assert!(product_name(sku).is_some());
        }
        assert!(FREE.iter().all(|id| id.parse::<SkuId>().is_ok()));
    }

    #[test]
    fn an_unknown_sku_has_no_friendly_name() {
        assert_eq!(product_name(SkuId::from_uuid(uuid::Uuid::nil())), None);
        assert_eq!(product_name("f8a1db68-be16-40ed-86d5-cb42ce701560".parse().expect("a GUID")), Some("Power BI Pro"));
    }
}
