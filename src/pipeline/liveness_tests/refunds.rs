//! What the shop reads when money that is to go back does not go the simple way.

use super::*;

impl<C: Company> Till<C> {
    /// Orders and pays. Returns the shop's reference of the charge and the order's number.
    async fn sells(&self) -> (String, String) {
        self.orders("628").await;
        let charge = self.company.charges().pop().unwrap();
        for notice in self.company.pay(&charge.reference, charge.amount).unwrap() {
            self.hears(notice).await;
        }
        assert_eq!(self.owner_reads("dibayar"), 1, "the shop is told of the money");
        let number = self.stage.one("select order_number from orders").await;
        (charge.reference, number)
    }

    async fn hears(&self, notice: WebhookRequest) {
        self.stage.pipeline.accept_notice(self.company.name(), notice).await.unwrap();
        self.minutes(1).await;
    }

    /// The owner writes, and reads the answer.
    async fn owner(&self, text: &str) -> String {
        self.stage.says_at_shop("44", text).await;
        let said: Vec<String> = self.stage.telegram.take().into_iter().map(|sent| sent.text).collect();
        said.join("\n")
    }
}

#[tokio::test]
async fn whoever_sends_back_what_the_payers_bank_takes_back_already_is_warned_first() {
    let till = at_midtrans().await;
    let (reference, number) = till.sells().await;
    assert!(!till.owner(&format!("/refund {number}")).await.contains("Hati-hati"), "nothing is wrong yet");
    till.owner("ga jadi").await;
    let notice = till.company.charge_back(&reference).unwrap();
    till.hears(notice).await;
    assert_eq!(till.owner_reads("menarik kembali"), 1, "the shop is told of it when it happens");
    let asked = till.owner(&format!("/refund {number}")).await;
    assert!(asked.contains("Hati-hati") && asked.contains("dua kali"), "{asked}");
    assert_eq!(till.asked("POST", "refund"), 0, "and nothing goes before the yes");
}

#[tokio::test]
async fn a_refund_that_the_company_cannot_make_is_told_with_its_reason_and_stays_to_be_made() {
    let till = at_xendit().await;
    let (_, number) = till.sells().await;
    till.owner(&format!("/refund {number}")).await;
    till.owner("1").await;
    till.owner("ya").await;
    till.minutes(1).await;
    let refund = till.company.refunds().pop().unwrap();
    till.stage.telegram.take();
    for notice in till.company.decide_refund(&refund.key, false).unwrap() {
        till.hears(notice).await;
    }
    let told: Vec<String> = till.stage.telegram.take().into_iter().map(|sent| sent.text).collect();
    let told = told.join("\n");
    assert!(told.contains("gagal dikembalikan") && told.contains("Bank pembeli menolak uangnya"), "{told}");
    assert!(!told.contains("FAILED") && !told.contains("gateway"), "no word of the company's: {told}");
    let again = till.owner(&format!("/refund {number}")).await;
    assert!(again.contains("Kembalikan"), "it can be tried again: {again}");
    assert!(till.stage.whatsapp.take().iter().all(|sent| !sent.text.contains("sudah dikembalikan")));
}
