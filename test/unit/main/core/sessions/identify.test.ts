import { expect, test } from 'vitest';
import { identified } from '../../../../../main/core/sessions/identify.ts';
import { sampleConversation } from '../../../../fakes/sample-conversation.ts';

const [opened] = sampleConversation().events.filter(({ kind }) => kind === 'conversation.opened');
const known = { firmwareOf: () => '1.4.0', agentOf: () => ({ id: 'a-1', name: 'Kitchen', more: 'not told' }) };

test('a conversation’s beginning is recorded with the board’s firmware and its agent', () => {
  if (opened === undefined) throw new Error('the sample has no beginning');
  expect(identified(opened, known)).toEqual({ ...opened, firmwareVersion: '1.4.0', agent: { id: 'a-1', name: 'Kitchen' } });
});

test('what is not known is not there, and other events are as they were', () => {
  if (opened === undefined) throw new Error('the sample has no beginning');
  const unknown = { firmwareOf: () => null, agentOf: () => undefined };
  expect(identified(opened, unknown)).toEqual(opened);
  const [other] = sampleConversation().events.filter(({ kind }) => kind === 'turn.started');
  if (other !== undefined) expect(identified(other, known)).toBe(other);
});
