//! The templates as data: the files of `lexicon/notices/`, compiled in, read strictly and once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use super::holes::Words;
use super::template::{Graph, Part, parse};

/// The files, each with its name.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/notices.rs"));
/// The file with what all apps share.
const SHARED: &str = "lexicon/notices/_shared.yaml";

/// A file of notices that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct NoticesError {
    file: String,
    problem: String,
}

/// One file: an app of a bank or a wallet, or what all of them share.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Whose notices these are.
    app: String,
    /// Phrases that templates name as `<phrase>`.
    #[serde(default)]
    phrases: BTreeMap<String, String>,
    /// What the app calls itself. It may stand before what is said, and money may come by it.
    #[serde(default)]
    apps: Vec<String>,
    /// What else may stand before what is said: a headline, a cheer.
    #[serde(default)]
    heads: Vec<String>,
    /// The sentences by which money came in.
    #[serde(default)]
    came_in: Vec<String>,
    /// What may follow: a balance, a number, thanks, the payer's note.
    #[serde(default)]
    tails: Vec<String>,
    /// Words whose full stop ends no sentence.
    #[serde(default)]
    abbreviations: Vec<String>,
    /// What words are. All apps share it.
    words: Option<Words>,
}

/// What is known of notices.
#[derive(Debug)]
pub(super) struct Notices {
    /// Heads, one sentence, tails.
    pub(super) came_in: Graph,
    pub(super) words: Words,
    pub(super) abbreviations: Vec<String>,
}

static SHIPPED: OnceLock<Result<Notices, NoticesError>> = OnceLock::new();

/// Checks the files that are compiled in.
///
/// # Errors
/// [`NoticesError`] with file and reason; a test keeps shipped files from ever giving one.
pub fn check() -> Result<(), NoticesError> {
    Notices::shipped().map(|_| ())
}

impl Notices {
    pub(super) fn shipped() -> Result<&'static Notices, NoticesError> {
        SHIPPED.get_or_init(|| Self::load(FILES)).as_ref().map_err(NoticesError::clone)
    }

    pub(super) fn load(files: &[(&str, &str)]) -> Result<Self, NoticesError> {
        let mut read = Vec::new();
        for (name, text) in files {
            let problem = |problem: String| NoticesError { file: (*name).to_owned(), problem };
            let file: File = serde_saphyr::from_str(text).map_err(|error| problem(error.to_string()))?;
            if file.app.trim().is_empty() {
                return Err(problem("`app` names nobody; write whose notices these are".to_owned()));
            }
            if file.words.is_some() && *name != SHARED {
                return Err(problem(format!("`words` are for all apps; write them in {SHARED}")));
            }
            read.push((*name, file));
        }
        let shared = read.iter().find(|(name, _)| *name == SHARED).map(|(_, file)| file);
        let shared =
            shared.ok_or(NoticesError { file: SHARED.to_owned(), problem: "is missing".to_owned() })?;
        let abbreviations = shared.abbreviations.clone();
        let mut lists: [Vec<Vec<Part>>; 3] = Default::default();
        for (name, file) in &read {
            let phrases: BTreeMap<String, String> = shared
                .phrases
                .iter()
                .chain(&file.phrases)
                .map(|(name, text)| (name.clone(), text.clone()))
                .collect();
            let heads: Vec<String> = file.apps.iter().chain(&file.heads).cloned().collect();
            for (list, texts) in lists.iter_mut().zip([&heads, &file.came_in, &file.tails]) {
                for text in texts {
                    let parts = parse(text, &phrases, &abbreviations).map_err(|problem| NoticesError {
                        file: (*name).to_owned(),
                        problem: format!("`{text}`: {problem}"),
                    })?;
                    list.push(parts);
                }
            }
        }
        let mut words = shared.words.clone().unwrap_or_default();
        let apps = read.iter().flat_map(|(_, file)| &file.apps);
        words.apps.extend(apps.flat_map(|name| name.split_whitespace()).map(str::to_owned));
        let [heads, came_in, tails] = lists;
        let came_in = Graph::new(&[Part::Many(heads), Part::One(came_in), Part::Many(tails)]);
        Ok(Self { came_in, words, abbreviations })
    }
}
