//! Codes that others could read.

use rstest::rstest;

use super::stage::Stage;
use crate::domain::message::{ChannelEvent, Inbound};

#[rstest]
#[case::alone("{}")]
#[case::as_a_command("/link {}")]
#[case::in_groups_of_letters("/link {spaced}")]
#[case::within_a_sentence("halo bot, ini kodenya: {} ya")]
#[tokio::test]
async fn a_code_that_was_written_where_others_read_along_is_void(#[case] words: &str) {
    let stage = Stage::open().await;
    let code = stage.staff_code().await;
    let said = |chat: &str, is_in_group: bool, text: &str| {
        ChannelEvent::Said(Inbound { is_in_group, ..stage.inbound("telegram", "7", chat, text) })
    };
    stage
        .tell(said("44", true, &words.replace("{}", &code).replace("{spaced}", &code.replace('-', " "))))
        .await;
    stage.tell(said("45", false, &format!("/link {code}"))).await;
    let linked = "select count(*)::text from conversations where staff_id is not null";
    assert_eq!(stage.one(linked).await, "0");
    // Other words void nothing.
    let code = stage.staff_code().await;
    stage.tell(said("44", true, "teh hijau organik 2 bungkus, kirim ke Jalan Merdeka")).await;
    stage.tell(said("45", false, &format!("/link {code}"))).await;
    assert_eq!(stage.one(linked).await, "1");
}
