import { useCallback, useEffect, useState } from 'react';
import type { ConversationRecord } from '../../../preload/contract/sessions.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useSessionView, useSessionViewStore } from './session-view.ts';

/**
 * Which conversation is shown where the reader has not said: that of the selected turn, else the one shown so far, else the first. Of a
 * recording it is the newest that still goes on, and stays until it is over.
 */
export function shownConversation(
  conversations: readonly ConversationRecord[],
  { selectedId, heldId, isRecording }: { selectedId: string | null; heldId: string | null; isRecording: boolean },
): ConversationRecord | null {
  const ofId = (id: string | null) => (id === null ? undefined : conversations.find((each) => each.conversationId === id));
  const open = isRecording ? conversations.findLast((each) => each.closedUs === null) : undefined;
  const held = ofId(heldId);
  const stays = held !== undefined && (open === undefined || held.closedUs === null) ? held : undefined;
  return ofId(selectedId) ?? stays ?? open ?? conversations[0] ?? null;
}

/** The conversation of the address, or as above. A turn that is selected brings its own along; another one that is chosen leaves the turn. */
export function useConversation(
  conversations: readonly ConversationRecord[],
  isRecording: boolean,
): [ConversationRecord | null, (id: string) => void] {
  const store = useSessionViewStore();
  const chosenId = useParameters().get('conversation');
  const selectedId = useSessionView(({ selected }) => (selected?.kind === 'turn' ? selected.conversationId : null));
  const [heldId, hold] = useState<string | null>(null);
  const chosen = conversations.find((each) => each.conversationId === chosenId);
  const shown = chosen ?? shownConversation(conversations, { selectedId, heldId, isRecording });
  const shownId = shown?.conversationId ?? null;
  if (heldId !== shownId) hold(shownId);
  useEffect(() => {
    if (selectedId !== null && shownId !== null && selectedId !== shownId) setParameters({ conversation: selectedId });
  }, [selectedId, shownId]);
  const choose = useCallback(
    (id: string) => {
      store.getState().select(null);
      setParameters({ conversation: id });
    },
    [store],
  );
  return [shown, choose];
}
