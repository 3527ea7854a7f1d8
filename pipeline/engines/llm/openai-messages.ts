import type { LlmMessage, LlmTool } from './engine.ts';

/** A conversation in the words of chat completions. A tool call is always followed by its answer: history sees to that. */
export function chatMessages(messages: readonly LlmMessage[]): Record<string, unknown>[] {
  return messages.map(chatMessage);
}

function chatMessage(message: LlmMessage): Record<string, unknown> {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content };
    case 'user':
      if (!message.images?.length) return { role: 'user', content: message.content };
      return {
        role: 'user',
        content: [
          { type: 'text', text: message.content },
          ...message.images.map(({ mediaType, data }) => ({
            type: 'image_url',
            image_url: { url: `data:${mediaType};base64,${Buffer.from(data).toString('base64')}` },
          })),
        ],
      };
    case 'assistant':
      return {
        role: 'assistant',
        content: message.content,
        ...(message.toolCalls?.length && {
          tool_calls: message.toolCalls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: call.name, arguments: JSON.stringify(call.arguments) },
          })),
        }),
      };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.content };
  }
}

export function chatTools(tools: readonly LlmTool[]): Record<string, unknown>[] {
  return tools.map(({ name, description, parameters }) => ({ type: 'function', function: { name, description, parameters } }));
}
