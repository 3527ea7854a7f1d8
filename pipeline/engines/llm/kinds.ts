import type { EngineField } from '../../../preload/contract/engines.ts';
import { address, optional, secret } from '../fields.ts';
import type { LlmKind } from '../kind.ts';
import { lazyLlm } from './lazy.ts';

const apiKey = (isRequired: boolean): EngineField => ({ ...secret('apiKey'), isRequired });
const text = (name: string, isRequired: boolean, placeholder?: string): EngineField => ({
  ...optional(name),
  isRequired,
  ...(placeholder !== undefined && { placeholder }),
});

/** In the order they are offered. Base addresses and models are those of reference/providers.md §4.1. */
export const llmKinds: readonly LlmKind[] = [
  {
    kind: 'openai',
    stage: 'llm',
    title: 'OpenAI-compatible',
    languages: ['zh', 'en'],
    documentation: 'https://platform.openai.com/docs/api-reference/chat',
    fields: [
      address('https://api.openai.com/v1'),
      text('model', true, 'gpt-5.4-mini'),
      apiKey(false),
      { name: 'isUsageAsked', kind: 'switch', isRequired: false, default: true },
      { name: 'body', kind: 'json', isRequired: false, default: {} },
    ],
    presets: [
      { id: 'openai', title: 'OpenAI', config: { apiUrl: 'https://api.openai.com/v1', model: 'gpt-5.4-mini' } },
      // It thinks by default, which a voice cannot wait for.
      {
        id: 'deepseek',
        title: 'DeepSeek',
        config: { apiUrl: 'https://api.deepseek.com/v1', model: 'deepseek-flash', body: { thinking: { type: 'disabled' } } },
      },
      { id: 'minimax', title: 'MiniMax', config: { apiUrl: 'https://api.minimaxi.com/v1', model: 'MiniMax-M2.5-highspeed' } },
      {
        id: 'hunyuan',
        title: '腾讯混元 Hunyuan',
        config: { apiUrl: 'https://api.hunyuan.cloud.tencent.com/v1', model: 'hunyuan-turbos-latest' },
      },
      { id: 'lkeap', title: '腾讯 LKEAP', config: { apiUrl: 'https://api.lkeap.cloud.tencent.com/v1', model: 'deepseek-v3' } },
      {
        id: 'siliconflow',
        title: 'SiliconFlow 硅基流动',
        config: { apiUrl: 'https://api.siliconflow.cn/v1', model: 'deepseek-ai/DeepSeek-V3' },
      },
      { id: 'ollama', title: 'Ollama', config: { apiUrl: 'http://127.0.0.1:11434/v1', model: 'qwen2.5:3b' } },
      { id: 'llama-cpp', title: 'llama.cpp', config: { apiUrl: 'http://127.0.0.1:8080/v1', model: 'default' } },
      { id: 'lm-studio', title: 'LM Studio', config: { apiUrl: 'http://127.0.0.1:1234/v1', model: 'default' } },
    ],
    spellings: { apikey: 'apiKey', apiurl: 'apiUrl', model: 'model', modelid: 'model' },
    create: (creation) => lazyLlm(creation, async () => (await import('./openai.ts')).createOpenAiLlm),
  },
  {
    kind: 'coze',
    stage: 'llm',
    title: 'Coze 扣子 (v3)',
    languages: ['zh', 'en'],
    documentation: 'https://www.coze.cn/docs/developer_guides/chat_v3',
    fields: [
      address('https://api.coze.cn/v3/chat'),
      apiKey(true),
      text('botId', true),
      { ...text('userId', false), default: 'talkbench' },
      text('conversationId', false),
    ],
    presets: [
      { id: 'coze-cn', title: '扣子 (coze.cn)', config: { apiUrl: 'https://api.coze.cn/v3/chat' } },
      { id: 'coze-com', title: 'Coze (coze.com)', config: { apiUrl: 'https://api.coze.com/v3/chat' } },
    ],
    spellings: {
      apikey: 'apiKey',
      apiurl: 'apiUrl',
      botid: 'botId',
      userid: 'userId',
      user: 'userId',
      conversation_id: 'conversationId',
      conversationid: 'conversationId',
    },
    create: (creation) => lazyLlm(creation, async () => (await import('./coze.ts')).createCozeLlm),
  },
  {
    kind: 'dify',
    stage: 'llm',
    title: 'Dify',
    languages: ['zh', 'en'],
    documentation: 'https://docs.dify.ai',
    fields: [
      address('https://api.dify.ai/v1'),
      apiKey(true),
      { ...text('user', false), default: 'talkbench' },
      text('conversationId', false),
      { name: 'inputs', kind: 'json', isRequired: false, default: {} },
    ],
    presets: [
      { id: 'dify', title: 'Dify Cloud', config: { apiUrl: 'https://api.dify.ai/v1' } },
      { id: 'dify-local', title: 'Dify', config: { apiUrl: 'http://127.0.0.1/v1' } },
    ],
    spellings: {
      apikey: 'apiKey',
      apiurl: 'apiUrl',
      user: 'user',
      userid: 'user',
      inputs: 'inputs',
      conversationid: 'conversationId',
      conversation_id: 'conversationId',
    },
    create: (creation) => lazyLlm(creation, async () => (await import('./dify.ts')).createDifyLlm),
  },
  {
    kind: 'script',
    stage: 'llm',
    title: 'Script (YAML)',
    languages: ['zh', 'en'],
    fields: [{ name: 'script', kind: 'text', isRequired: true }],
    presets: [],
    spellings: { script: 'script' },
    create: (creation) => lazyLlm(creation, async () => (await import('./script.ts')).createScriptLlm),
  },
];
