import type { CallContact } from '../../../../preload/contract/cloud/twetalk.ts';
import type { ConversationPeer } from '../../../conversation.ts';

export const callToolName = 'make_call';

/**
 * What a board that has sent its address book can do besides the actions of its thing model (call-sync-openids, reference/twetalk.md §6.1).
 * Not offered where the agent was given a call tool of its own.
 */
export function callTool(contacts: readonly CallContact[]): ReturnType<ConversationPeer['tools']> {
  const names = contacts.map(({ name }) => name).filter((name) => name !== '');
  if (names.length === 0) return [];
  return [
    {
      name: callToolName,
      description: `Calls one of the user’s contacts from the device: ${names.join(', ')}. 用设备给联系人打电话。`,
      parameters: {
        type: 'object',
        properties: { contact: { type: 'string', minLength: 1, description: 'The contact’s name, as the user said it.' } },
        required: ['contact'],
      },
    },
  ];
}
