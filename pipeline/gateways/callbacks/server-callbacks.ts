/**
 * Something a cloud tells the user's backend (seed 002, 服务端回调): the sender wraps it, signs it and sees to its delivery. Which events exist
 * and what their `eventInfo` holds is the gateway's matter.
 */
export interface ServerCallback {
  /** 'EventGroupId' and 'EventType' of the documents, group 9 and 901–909 for conversations. */
  eventGroupId: number;
  eventType: number;
  /** 'EventInfo', the document's names. */
  eventInfo: Record<string, unknown>;
  sdkAppId: number;
  conversationId?: string;
}

export interface ServerCallbacks {
  /** Returns at once; delivery, retries and their record are the sender's. Does nothing where no address is configured. */
  send(callback: ServerCallback): void;
}
