//! Every finding, from a flow that has it.

use super::*;

#[test]
fn the_shipped_flows_have_no_findings() {
    let flows = Flows::shipped().unwrap();
    let findings: Vec<String> = check(&flows, None).iter().map(ToString::to_string).collect();
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}
