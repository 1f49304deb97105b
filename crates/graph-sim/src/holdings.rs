//! What each person holds at the epoch: direct licenses and group memberships, derived from the seed.

use crate::catalogue::{
    COPILOT, ENTERPRISEPACK, EXCHANGESTANDARD, FLOW_FREE, MCOMEETADV, POWER_BI_PRO, PROJECTPROFESSIONAL,
    SHAREPOINTENTERPRISE, SHAREPOINTWAC, SKUS, SPE_E3, SPE_E5, SPE_F1, SWAY, SkuIndex, VISIOCLIENT, YAMMER_ENTERPRISE,
};
use crate::clock::DAY;
use crate::groups::{
    BI_TEAM, DESIGN_BUNDLE, E3_STATIC, E5_ADMINS, E5_DYNAMIC, EMS_STATIC, EVERYBODY, F3_SYNCED, GROUPS, GroupIndex,
    O365_MAIL,
};
use crate::people::{Kind, Population};
use crate::seed::Topic;
use uuid::Uuid;

/// A license assigned to the person itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    pub sku: SkuIndex,
    pub disabled: Vec<Uuid>,
    /// Seconds; `lastUpdatedDateTime`, new at each (re)assignment.
    pub updated: i64,
}

/// Why a group could not give a license to a member, in the words of `licenseAssignmentStates`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LicenseFault {
    CountViolation,
    MutuallyExclusiveViolation,
    DependencyViolation,
    ProhibitedInUsageLocationViolation,
    UniquenessViolation,
    /// Another license of the same group failed.
    Other,
}

/// Why an inherited license is as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InheritedState {
    Active,
    /// Kept although the person left the group, because something depends on it (`ActiveWithError`).
    Stuck,
    /// Not given (`Error`); no seat is taken.
    Failed(LicenseFault),
}

impl LicenseFault {
    /// As the wire spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CountViolation => "CountViolation",
            Self::MutuallyExclusiveViolation => "MutuallyExclusiveViolation",
            Self::DependencyViolation => "DependencyViolation",
            Self::ProhibitedInUsageLocationViolation => "ProhibitedInUsageLocationViolation",
            Self::UniquenessViolation => "UniquenessViolation",
            Self::Other => "Other",
        }
    }
}

impl InheritedState {
    /// `state` and, where there is one, `error`.
    pub fn on_the_wire(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Active => ("Active", None),
            Self::Stuck => ("ActiveWithError", Some(LicenseFault::DependencyViolation.name())),
            Self::Failed(fault) => ("Error", Some(fault.name())),
        }
    }

    /// Whether the person really has the license.
    pub fn gives(self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

/// A license that reaches the person through a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inherited {
    pub sku: SkuIndex,
    pub group: GroupIndex,
    pub disabled: Vec<Uuid>,
    pub updated: i64,
    pub state: InheritedState,
}

/// A direct membership of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    pub group: GroupIndex,
    /// Seconds.
    pub joined: i64,
    /// What the group's licenses failed with at the epoch.
    pub fails: Option<LicenseFault>,
}

impl Membership {
    /// The state of a license of this membership at the epoch: a fault hits one license, the others are collateral.
    pub fn base_state(self, sku: SkuIndex) -> InheritedState {
        match self.fails {
            None => InheritedState::Active,
            Some(fault) => {
                let main = match fault {
                    LicenseFault::DependencyViolation => COPILOT,
                    _ => GROUPS[self.group].skus.first().copied().unwrap_or(sku),
                };
                InheritedState::Failed(if sku == main { fault } else { LicenseFault::Other })
            }
        }
    }
}

/// All license paths of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    pub direct: Vec<Direct>,
    pub inherited: Vec<Inherited>,
}

impl Holdings {
    /// The license types held, as a bit set over [`SKUS`]; one bit is one seat however many paths there are.
    pub fn seats(&self) -> u32 {
        self.direct
            .iter()
            .map(|path| path.sku)
            .chain(self.inherited.iter().filter(|path| path.state.gives()).map(|path| path.sku))
            .fold(0, |set, sku| set | (1 << sku))
    }

    /// The plans switched off on every path of a license type: a plan is off only where no path turns it on.
    pub fn disabled_plans(&self, sku: SkuIndex) -> Vec<Uuid> {
        let mut paths = self.direct.iter().filter(|path| path.sku == sku).map(|path| &path.disabled).chain(
            self.inherited.iter().filter(|path| path.sku == sku && path.state.gives()).map(|path| &path.disabled),
        );
        let Some(first) = paths.next() else { return Vec::new() };
        let rest: Vec<&Vec<Uuid>> = paths.collect();
        first.iter().filter(|plan| rest.iter().all(|other| other.contains(plan))).copied().collect()
    }
}

impl Population {
    /// Direct licenses and memberships at the epoch. `group_share` is how many of a hundred people get their suite through a group.
    pub fn base_paths(&self, index: u64, group_share: u64) -> (Vec<Direct>, Vec<Membership>) {
        let kind = self.kind(index);
        let mut direct: Vec<SkuIndex> = Vec::new();
        let mut groups: Vec<GroupIndex> = Vec::new();
        let percent = |topic| self.seed.below(index, topic, 100);
        match kind {
            Kind::Guest => {
                if percent(Topic::PowerBi) < 12 {
                    direct.push(POWER_BI_PRO);
                }
                if percent(Topic::FreeSku) < 10 {
                    direct.push(FLOW_FREE);
                }
            }
            Kind::Service => match percent(Topic::Suite) {
                0..40 => direct.push(EXCHANGESTANDARD),
                40..50 => direct.push(SPE_E3),
                _ => {}
            },
            Kind::Shared => match percent(Topic::Suite) {
                0..60 => direct.push(EXCHANGESTANDARD),
                60..75 => direct.push(SPE_E3),
                _ => {}
            },
            Kind::Room => {}
            // Some leavers were cleaned up properly.
            Kind::LeaverDisabled if percent(Topic::Extra) < 15 => groups.push(EVERYBODY),
            _ => self.employee_paths(index, group_share, &mut direct, &mut groups),
        }
        let assigned = self.assigned(index, kind);
        let direct: Vec<Direct> = direct
            .into_iter()
            .map(|sku| Direct {
                sku,
                disabled: self.switched_off(index, sku),
                updated: assigned + i64::try_from(sku).unwrap_or(0),
            })
            .collect();
        let failing = self.base_failure(index, &direct, &groups);
        let mut groups: Vec<Membership> =
            groups.into_iter().map(|group| Membership { group, joined: assigned, fails: None }).collect();
        if let Some((group, fault)) = failing {
            groups.push(Membership { group, joined: assigned, fails: Some(fault) });
        }
        (direct, groups)
    }

    /// Which planted case of the larger worlds this person is; the smaller ones stay free of them.
    pub fn planted(&self, index: u64) -> Option<u64> {
        let eligible = index >= 300 && self.kind(index) == Kind::Active && !index.is_multiple_of(12);
        Some(self.seed.below(index, Topic::LicenseError, 300)).filter(|case| eligible && *case < 8)
    }

    /// A membership whose licenses never arrived (2.3): each kind of error has a few people.
    fn base_failure(&self, index: u64, direct: &[Direct], groups: &[GroupIndex]) -> Option<(GroupIndex, LicenseFault)> {
        let direct_of = |sku| direct.iter().any(|path| path.sku == sku);
        let kiosk = groups.contains(&F3_SYNCED) || direct_of(SPE_F1);
        let (group, fault, fits) = match self.planted(index)? {
            0 => (DESIGN_BUNDLE, LicenseFault::CountViolation, !kiosk && !direct_of(VISIOCLIENT)),
            1 => (F3_SYNCED, LicenseFault::MutuallyExclusiveViolation, !kiosk),
            2 => (BI_TEAM, LicenseFault::ProhibitedInUsageLocationViolation, !direct_of(POWER_BI_PRO)),
            3 => (DESIGN_BUNDLE, LicenseFault::DependencyViolation, kiosk),
            4 => (BI_TEAM, LicenseFault::UniquenessViolation, !direct_of(POWER_BI_PRO)),
            // So that the rarer ones come, too: a kiosk worker in three is no rule.
            5 if kiosk => (DESIGN_BUNDLE, LicenseFault::DependencyViolation, true),
            5 => (F3_SYNCED, LicenseFault::MutuallyExclusiveViolation, true),
            _ => return None,
        };
        (fits && !groups.contains(&group)).then_some((group, fault))
    }

    /// The documented leaver (4.5): out of the E5 group, yet Visio and Project keep the E5 from going.
    pub fn base_leaver(&self, index: u64) -> bool {
        self.planted(index) == Some(6)
    }

    /// A license the states do not mention (9#7): about two in a thousand.
    pub fn base_stateless(&self, index: u64) -> bool {
        self.planted(index) == Some(7)
    }

    fn assigned(&self, index: u64, kind: Kind) -> i64 {
        let days = match kind {
            Kind::NewStarter => self.seed.between(index, Topic::Assigned, 2, 3),
            _ if index > 40 && self.seed.below(index, Topic::Joined, 50) == 0 => {
                self.seed.between(index, Topic::Assigned, 2, 28)
            }
            _ => self.seed.between(index, Topic::Assigned, 100, 410),
        };
        self.epoch - DAY * days + self.seed.between(index, Topic::Assigned, 8 * 3600, 16 * 3600)
    }

    fn employee_paths(&self, index: u64, group_share: u64, direct: &mut Vec<SkuIndex>, groups: &mut Vec<GroupIndex>) {
        if self.base_leaver(index) {
            direct.extend([VISIOCLIENT, PROJECTPROFESSIONAL]);
            groups.push(EVERYBODY);
            return;
        }
        let percent = |topic| self.seed.below(index, topic, 100);
        let through_group = percent(Topic::SuitePath) < group_share;
        let suite = if self.department(index) == 0 {
            groups.push(E5_DYNAMIC);
            SPE_E5
        } else {
            match percent(Topic::Suite) {
                0..1 => {
                    groups.push(E5_ADMINS);
                    SPE_E5
                }
                1..9 => {
                    direct.push(SPE_E5);
                    SPE_E5
                }
                9..58 => {
                    if through_group {
                        groups.push(E3_STATIC);
                    }
                    if !through_group || percent(Topic::Joined) < 12 {
                        direct.push(SPE_E3);
                    }
                    if percent(Topic::Extra) < 3 {
                        direct.push(ENTERPRISEPACK);
                    }
                    SPE_E3
                }
                58..74 => {
                    if through_group {
                        groups.push(F3_SYNCED);
                    } else {
                        direct.push(SPE_F1);
                    }
                    SPE_F1
                }
                _ => {
                    if through_group {
                        groups.push(O365_MAIL);
                    } else {
                        direct.push(ENTERPRISEPACK);
                    }
                    groups.push(EMS_STATIC);
                    ENTERPRISEPACK
                }
            }
        };
        // In small worlds a draw may miss, so the opening hands Power BI out by position.
        let opening = index < 40 && index % 5 == 2;
        match percent(Topic::PowerBi) {
            _ if opening => direct.push(POWER_BI_PRO),
            0..10 => direct.push(POWER_BI_PRO),
            10..12 => groups.push(BI_TEAM),
            _ => {}
        }
        if suite != SPE_F1 {
            match percent(Topic::Visio) {
                0..4 => direct.push(VISIOCLIENT),
                4..6 => groups.push(DESIGN_BUNDLE),
                _ => {}
            }
            if percent(Topic::Project) < 3 {
                direct.push(PROJECTPROFESSIONAL);
            }
            if suite != SPE_E5 && percent(Topic::Audio) < 4 {
                direct.push(MCOMEETADV);
            }
            if !groups.contains(&DESIGN_BUNDLE) && percent(Topic::Service) < 5 {
                direct.push(COPILOT);
            }
        }
        if percent(Topic::FreeSku) < 20 {
            direct.push(FLOW_FREE);
        }
        groups.push(EVERYBODY);
    }

    fn switched_off(&self, index: u64, sku: SkuIndex) -> Vec<Uuid> {
        match sku {
            // Project comes without its own SharePoint, so it needs the suite's: removing the suite first is refused.
            PROJECTPROFESSIONAL => vec![SHAREPOINTENTERPRISE.id, SHAREPOINTWAC.id],
            SPE_E3 | SPE_E5 | SPE_F1 | ENTERPRISEPACK if self.seed.below(index, Topic::DisabledPlans, 100) < 12 => {
                vec![YAMMER_ENTERPRISE.id, SWAY.id]
            }
            _ => Vec::new(),
        }
    }

    /// A license that stays inherited from a group the person left (about one holder in five hundred).
    pub fn base_stuck(&self, index: u64, groups: &[Membership]) -> Option<GroupIndex> {
        let eligible = self.kind(index).is_person() && !groups.iter().any(|member| member.group == EMS_STATIC);
        if self.base_leaver(index) {
            return Some(E5_ADMINS).filter(|group| !groups.iter().any(|member| member.group == *group));
        }
        (eligible && index > 40 && self.seed.below(index, Topic::Extra, 500) == 7).then_some(EMS_STATIC)
    }

    /// What stays inherited from a group the person left.
    pub fn base_stuck_paths(&self, index: u64, groups: &[Membership]) -> Vec<Inherited> {
        let Some(group) = self.base_stuck(index, groups) else { return Vec::new() };
        let path = |sku: &SkuIndex| Inherited {
            sku: *sku,
            group,
            disabled: Vec::new(),
            updated: self.epoch - 20 * DAY,
            state: InheritedState::Stuck,
        };
        GROUPS[group].skus.iter().map(path).collect()
    }
}

/// The set of license types as text ids, for messages and reports.
pub fn report_names(seats: u32) -> Vec<&'static str> {
    SKUS.iter().enumerate().filter(|(index, _)| seats & (1 << index) != 0).map(|(_, sku)| sku.report_name).collect()
}
