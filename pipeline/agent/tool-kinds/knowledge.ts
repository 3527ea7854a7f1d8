import type { AgentTool } from '../../../preload/contract/agents.ts';
import { TalkError } from '../../../preload/contract/errors.ts';
import { KnowledgeFolder } from '../knowledge/folder.ts';
import type { Tool } from '../tools.ts';

const PASSAGES = 4;
const TIMEOUT_MS = 5000;
const MOST_FOLDERS = 8;

/** Folders that were asked lately, by path: reading one is work that the boards of a bench share. */
const folders = new Map<string, KnowledgeFolder>();

export function knowledgeTool({ name, description, folder }: Extract<AgentTool, { source: 'knowledge' }>): Tool {
  return {
    definition: {
      name,
      description,
      parameters: {
        type: 'object',
        properties: { question: { type: 'string', minLength: 1, description: 'What to look for: the words that matter.' } },
        required: ['question'],
      },
    },
    isReadOnly: true,
    timeoutMs: TIMEOUT_MS,
    run: async ({ question }) => {
      try {
        const { passages, leftOut } = await folderAt(folder).search(String(question), PASSAGES);
        return { passages, ...(leftOut > 0 && { filesLeftOut: leftOut }) };
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? error.code : 'unreadable';
        throw new TalkError('tool/failed', { name, code, status: 'the folder cannot be read' });
      }
    },
  };
}

function folderAt(path: string): KnowledgeFolder {
  const known = folders.get(path) ?? new KnowledgeFolder(path);
  folders.delete(path);
  folders.set(path, known);
  const [oldest] = folders.keys();
  if (folders.size > MOST_FOLDERS && oldest !== undefined) folders.delete(oldest);
  return known;
}
