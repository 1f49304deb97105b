//! `GET /state-machine`

use reseat_domain::candidate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Json;
use crate::scalar::CandidateStateName;

/// The state diagram.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StateMachine {
    /// The states.
    pub nodes: Vec<StateNode>,
    /// The ways.
    pub edges: Vec<StateEdge>,
}

/// A state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StateNode {
    /// Which.
    pub state: CandidateStateName,
    /// In words.
    pub label: String,
}

/// A way from one state to another.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StateEdge {
    /// From where.
    pub from: CandidateStateName,
    /// To where.
    pub to: CandidateStateName,
    /// What takes it there.
    pub label: String,
}

/// The states of a candidate and the ways between them.
#[utoipa::path(
    get,
    path = "/state-machine",
    tag = "candidates",
    responses((status = 200, description = "The state diagram.", body = StateMachine)),
)]
pub async fn read_state_machine() -> Json<StateMachine> {
    let nodes = candidate::nodes().into_iter();
    let edges = candidate::edges().into_iter();
    Json(StateMachine {
        nodes: nodes.map(|node| StateNode { state: node.state.into(), label: node.label.to_owned() }).collect(),
        edges: edges.map(|edge| StateEdge { from: edge.from.into(), to: edge.to.into(), label: edge.label }).collect(),
    })
}

#[cfg(test)]
mod tests {
    use reseat_domain::candidate;

    use crate::tests::Api;

    #[tokio::test]
    async fn the_state_diagram_is_the_domains() {
        let api = Api::unsynced().await;
        let machine = api.auditor().await.get("/state-machine").await.ok();
        // The table itself is snapshotted where it is decided.
        assert_eq!(machine["nodes"], serde_json::to_value(candidate::nodes()).expect("json"));
        assert_eq!(machine["edges"], serde_json::to_value(candidate::edges()).expect("json"));
        api.finish().await;
    }
}
