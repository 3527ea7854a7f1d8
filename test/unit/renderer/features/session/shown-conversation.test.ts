import { expect, test } from 'vitest';
import type { ConversationRecord } from '../../../../../preload/contract/sessions.ts';
import { shownConversation } from '../../../../../renderer/features/session/shown-conversation.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';

const { record } = sampleConversation();
const conversation = (conversationId: string, closedUs: number | null): ConversationRecord => ({ ...record, conversationId, closedUs });
const shown = (
  conversations: readonly ConversationRecord[],
  { selectedId = null, heldId = null, isRecording = false }: { selectedId?: string | null; heldId?: string | null; isRecording?: boolean },
) => shownConversation(conversations, { selectedId, heldId, isRecording })?.conversationId ?? null;

const over = [conversation('a', 5), conversation('b', 9)];

test('a finished session shows its first conversation, or that of the selected turn, and stays with it', () => {
  expect(shown(over, {})).toBe('a');
  expect(shown(over, { selectedId: 'b' })).toBe('b');
  expect(shown(over, { heldId: 'b' })).toBe('b');
  expect(shown([], {})).toBeNull();
});

test('a recording shows the newest that goes on, stays with it, and goes on to the next when it is over', () => {
  const live = [...over, conversation('c', null), conversation('d', null)];
  expect(shown(live, { isRecording: true })).toBe('d');
  expect(shown(live, { isRecording: true, heldId: 'c' })).toBe('c');
  expect(shown(live, { isRecording: true, heldId: 'a' })).toBe('d');
  expect(shown(over, { isRecording: true, heldId: 'b' })).toBe('b');
});
