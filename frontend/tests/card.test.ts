import assert from "node:assert/strict";
import { test } from "node:test";
import { type CardAnswer, tokenOf } from "../ts/pay/card.js";

const good: CardAnswer = {
  messages: { resultCode: "Ok" }, opaqueData: { dataDescriptor: "COMMON.ACCEPT.INAPP.PAYMENT", dataValue: "eyJjb2RlIjoi" },
};

test("the token of a good answer, and of no other", () => {
  assert.deepEqual(tokenOf(good), ["COMMON.ACCEPT.INAPP.PAYMENT", "eyJjb2RlIjoi"]);
  for (const answer of [
    {}, { messages: { resultCode: "Error" } }, { ...good, messages: { resultCode: "Error" } }, { ...good, messages: {} },
    { ...good, opaqueData: {} }, { ...good, opaqueData: { dataDescriptor: "x" } }, { ...good, opaqueData: { dataDescriptor: "", dataValue: "y" } },
  ]) assert.equal(tokenOf(answer), null);
});
