import { lookup } from '../../../../pipeline/lookup.ts';
import type { AgentLayer } from '../../../../preload/contract/agents.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { checkedLayer } from '../layers.ts';
import { ConfigBlock, objectOf } from './block.ts';
import { readTools } from './read-tools.ts';

export interface ReadAgent {
  layer: AgentLayer;
  /** What could not be taken over. Never a value: it may be a key under another name. */
  notes: string[];
}

/** Sets one leaf of the layer, 'agent.systemPrompt', unless the value is undefined. */
type Put = (key: string, value: unknown) => void;
type Language = 'zh' | 'en';

const languages = lookup<string>({
  zh: 'zh',
  'zh-cn': 'zh',
  cmn: 'zh',
  en: 'en',
  yue: 'yue',
  'zh-yue': 'yue',
  ja: 'ja',
  ko: 'ko',
});
const blockNames = ['basicconfig', 'llmconfig', 'sttconfig', 'ttsconfig', 'conversationconfig', 'agentconfig'];
const DEEPEST = 8;

/**
 * What an agent is told in a configuration of TWeTalk (an item of GetTWeTalkProductConfigListV2, or the whole reply) or TRTC (the request of
 * StartAIConversation), in either's spelling; blocks may be JSON in a string. The engines in it are read by `readEngineConfig`. Throws
 * TalkError 'agent/bad-config' {path, reason} for what is neither.
 */
export function readAgentConfig(json: string): ReadAgent {
  const notes: string[] = [];
  const found = owners(parsed(json), 0);
  const [first] = found;
  if (first === undefined) throw new TalkError('agent/bad-config', { path: '$', reason: 'none of its blocks is there' });
  if (found.length > 1) notes.push(`${found.length - 1} more configurations stand in it; the first was taken`);
  const root = new ConfigBlock('', first);
  const language = root.text('TargetLanguage') === 'en' ? 'en' : root.text('TargetLanguage') === 'zh' ? 'zh' : null;
  noteElsewhere(root, notes);
  const tree: Record<string, Record<string, unknown>> = {};
  const put: Put = (key, value) => {
    const [section = '', name = ''] = key.split('.');
    if (value !== undefined) tree[section] = { ...tree[section], [name]: value };
  };
  put('conversation.subtitleUrl', root.text('SubtitleCallbackUrl'));
  readLlm(root.block('LLMConfig').withConfig(), put, notes);
  // The agent's own prompt goes before the model's.
  readBasic(root.block('BasicConfig'), language, put, notes);
  readStt(root.block('STTConfig').withConfig(), put, notes);
  readTts(root.block('TTSConfig'), put, notes);
  readConversation(root.block('ConversationConfig'), language, put, notes);
  readTrtcAgent(root.block('AgentConfig'), language, put, notes);
  const { layer, problems } = checkedLayer(tree);
  notes.push(...problems.map(({ key, issue }) => `${key}: ${issue}`));
  return { layer, notes };
}

function readBasic(block: ConfigBlock, language: Language | null, put: Put, notes: string[]): void {
  put('agent.systemPrompt', block.text('SystemPrompt'));
  putGreeting(block.text('GreetingMessage'), language, put);
  put('voice.voice', block.text('DefaultVoiceType'));
  noteUnasked(block, notes);
}

/** A configuration without a language is for all of them. */
function putGreeting(greeting: string | undefined, language: Language | null, put: Put): void {
  if (language !== 'en') put('agent.greetingZh', greeting);
  if (language !== 'zh') put('agent.greetingEn', greeting);
}

/** What is not asked for here is the engine's. */
function readLlm(block: ConfigBlock, put: Put, notes: string[]): void {
  put('agent.systemPrompt', block.text('SystemPrompt'));
  put('agent.llmTimeoutS', rounded(block.number('Timeout')));
  put('agent.historyRounds', block.number('History'));
  put('agent.metaInfo', objectOf(block.get('MetaInfo')) ?? undefined);
  put('agent.temperature', block.number('Temperature'));
  put('agent.topP', block.number('TopP'));
  put('agent.maxTokens', block.number('MaxTokens'));
  const tools = block.get('Tools');
  if (tools !== undefined) put('agent.tools', readTools(tools, `${block.path}.Tools`, notes));
}

function readStt(block: ConfigBlock, put: Put, notes: string[]): void {
  put('turns.vadSilenceMs', block.number('VadSilenceTime'));
  const words = block.text('HotWordList');
  // "腾讯云|10,语音识别|5"
  if (words !== undefined)
    put(
      'frontEnd.hotWords',
      words
        .split(/[,，]/u)
        .map((word) => word.split('|')[0]?.trim() ?? '')
        .filter(Boolean),
    );
  const others = block.get('AlternativeLanguage');
  if (!Array.isArray(others)) return;
  const all = [block.text('Language') ?? 'zh', ...others.map(String)];
  const known = [...new Set(all.flatMap((one) => languages[one.toLowerCase()] ?? []))];
  if (known.length < all.length) notes.push(`${block.path}.AlternativeLanguage: not all of these languages are known here`);
  put('frontEnd.languages', known.slice(0, 3));
}

function readTts(block: ConfigBlock, put: Put, notes: string[]): void {
  const isTrtc = block.get('Config') === undefined && block.text('TTSType')?.toLowerCase() === 'tencent';
  for (const [name, key] of [
    ['Speed', 'voice.speed'],
    ['Volume', 'voice.volume'],
    ['Pitch', 'voice.pitch'],
  ] as const) {
    const value = block.number(name);
    // There 0 is the voice's own, and the steps are the service's.
    if (isTrtc && value !== undefined && value !== 0)
      notes.push(`${block.path}.${name}: in the service’s own steps; set it with the agent’s voice`);
    else if (!isTrtc) put(key, value);
  }
  put('voice.emotion', block.text('Emotion'));
}

function readConversation(block: ConfigBlock, language: Language | null, put: Put, notes: string[]): void {
  put('conversation.sessionTimeoutS', block.number('SessionTimeout'));
  put('conversation.subtitleUrl', block.text('SubtitleCallbackUrl'));
  const isInterruptible = block.flag('InterruptionEnabled');
  if (isInterruptible !== undefined) put('turns.interruption', isInterruptible ? 'duration' : 'off');
  put('agent.maxContextTokens', block.number('MaxContextTokens'));
  put('frontEnd.isEmotionDetected', block.flag('EmotionEnabled'));
  const isSemantic = block.flag('SemanticVADEnabled');
  if (isSemantic !== undefined) put('turns.endpointing', isSemantic ? 'semantic' : 'fixed');
  const isFiltered = block.flag('NoiseFilterEnabled');
  if (isFiltered !== undefined) put('frontEnd.noiseSuppression', isFiltered ? 'rnnoise' : 'off');
  const idle = block.block('IdleDetection');
  put('conversation.isIdleDetected', idle.flag('Enabled'));
  put('conversation.idleTimeoutS', rounded(idle.number('TimeoutSeconds')));
  put('conversation.idleMaxRetries', idle.number('MaxRetries'));
  const responses = idle.get('IdleResponses');
  if (Array.isArray(responses)) {
    const messages = responses.map((response, index) => {
      const each = new ConfigBlock(`${idle.path}.IdleResponses`, objectOf(response) ?? {});
      const message = each.text('Message') ?? '';
      const retry = each.number('RetryCount') ?? index + 1;
      return { retry, zh: language === 'en' ? '' : message, en: language === 'zh' ? '' : message };
    });
    put('conversation.idleMessages', messages);
  }
  noteUnasked(idle, notes);
  noteUnasked(block, notes);
}

/** TRTC's AgentConfig. */
function readTrtcAgent(block: ConfigBlock, language: Language | null, put: Put, notes: string[]): void {
  putGreeting(block.text('WelcomeMessage'), language, put);
  const mode = block.number('InterruptMode');
  if (mode === 0) put('turns.interruption', 'duration');
  else if (mode === 1) put('turns.interruption', 'manual');
  else if (mode !== undefined) notes.push(`${block.path}.InterruptMode: ${mode} is not known here`);
  put('turns.interruptionMs', block.number('InterruptSpeechDuration'));
  const detection = block.number('TurnDetectionMode');
  if (detection !== undefined) put('turns.endpointing', detection === 3 ? 'semantic' : 'fixed');
  const priority = block.number('WelcomeMessagePriority');
  if (priority !== undefined) put('turns.isGreetingProtected', priority === 1);
  if (block.flag('FilterOneWord') === true) put('turns.interruptionMinimumWords', 2);
  // Who is in the room is not the agent's matter.
  block.get('UserId', 'UserSig', 'TargetUserId');
  noteUnasked(block, notes);
}

/** Names of seed 000 that are no agent's here: all boards' subtitles are signed and waited for alike. Their values may be keys, and are not said. */
const elsewhere = {
  SubtitleCallbackTimeout: 'callbacks.subtitleTimeoutS',
  SubtitleCallbackSignKey: 'the key of the subtitle callbacks',
} as const;

function noteElsewhere(block: ConfigBlock, notes: string[]): void {
  for (const [name, place] of Object.entries(elsewhere)) {
    if (block.get(name) === undefined) continue;
    notes.push(`${block.path === '' ? '' : `${block.path}.`}${name}: not the agent’s here but the same for all boards; set it as ${place}`);
  }
}

function noteUnasked(block: ConfigBlock, notes: string[]): void {
  noteElsewhere(block, notes);
  const unknown = block.unasked();
  if (unknown.length > 0) notes.push(`${block.path}: not understood: ${unknown.join(', ')}`);
}

function rounded(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value);
}

/** The objects that have one of the blocks. */
function owners(value: unknown, depth: number): Record<string, unknown>[] {
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((item) => owners(item, depth + 1));
  const object = objectOf(value);
  if (object === null) return [];
  const isOwner = Object.keys(object).some((key) => blockNames.includes(key.toLowerCase()));
  return isOwner ? [object] : Object.values(object).flatMap((inside) => (typeof inside === 'string' ? [] : owners(inside, depth + 1)));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new TalkError('agent/bad-config', { path: '$', reason: 'no JSON' });
  }
}
