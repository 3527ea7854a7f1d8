import type { AgentIntent, ConversationPeer } from '../../conversation.ts';
import type { Tool } from '../tools.ts';

/** What the board is to do besides talking is told to it in its gateway's words; whether it does is not known here. */
function intentTool(definition: Tool['definition'], tell: ConversationPeer['tell'], intent: (text: string) => AgentIntent): Tool {
  const [argument = ''] = Object.keys(definition.parameters.properties as object);
  return {
    definition,
    isReadOnly: false,
    timeoutMs: 1000,
    run: async (given) => {
      tell({ kind: 'intent', intent: intent(String(given[argument])) });
      return { status: 'ok', note: 'the device was asked to' };
    },
  };
}

export function musicTool(name: string, tell: ConversationPeer['tell']): Tool {
  const definition = {
    name,
    description: 'Plays music on the device: a song, an artist, a genre. 在设备上播放音乐。',
    parameters: {
      type: 'object',
      properties: { query: { type: 'string', minLength: 1, description: 'What to play, in the user’s words.' } },
      required: ['query'],
    },
  };
  return intentTool(definition, tell, (query) => ({ kind: 'music', query }));
}

export function callTool(name: string, tell: ConversationPeer['tell']): Tool {
  const definition = {
    name,
    description: 'Calls one of the user’s contacts from the device. 用设备给联系人打电话。',
    parameters: {
      type: 'object',
      properties: { contact: { type: 'string', minLength: 1, description: 'The contact’s name, as the user said it.' } },
      required: ['contact'],
    },
  };
  return intentTool(definition, tell, (contact) => ({ kind: 'call', contact }));
}
