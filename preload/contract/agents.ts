import { z } from 'zod';

/**
 * What a board's agent is made of. Everything a conversation can be told stands in the settings' conversational sections; an agent,
 * a product and a device may each lay a partial tree over the bench's own, the later over the earlier. The names inside exports are the
 * documents' (seed 001).
 */
export const conversationSections = ['turns', 'frontEnd', 'downlink', 'agent', 'memory', 'voice', 'conversation', 'engines'] as const;
export type ConversationSection = (typeof conversationSections)[number];

/** A partial tree, `{turns: {vadSilenceMs: 400}}`; each leaf is checked as the setting of that name. */
export const agentLayer = z.partialRecord(z.enum(conversationSections), z.record(z.string(), z.unknown()));

const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

export const agentDocument = z.object({ id: slug, name: z.string().min(1).max(80), layer: agentLayer });

/** What a product or one device of it has: an agent, a layer of its own over that, or both. `language` null: for every language. */
export const agentScope = z.object({
  productId: z.string().regex(/^[A-Za-z0-9]{1,10}$/),
  /** Null: every device of the product. */
  deviceName: z
    .string()
    .regex(/^[\w:@-]{1,48}$/)
    .nullable(),
  language: z.enum(['zh', 'en']).nullable(),
});
export const agentAssignment = agentScope.extend({ agentId: slug.nullable(), layer: agentLayer });

/** What a leaf's value comes from, the last one that says it. */
export const layerOrigin = z.enum(['default', 'bench', 'agent', 'product', 'device']);

/** JSON Schema of a tool's arguments. */
const jsonSchema = z.record(z.string(), z.unknown());
const toolName = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/** What an agent may call besides the actions of its board's thing model. */
export const agentTool = z.discriminatedUnion('source', [
  /**
   * An action of the thing model, described in other words or left out. Actions that are not named here are offered as they are. With
   * `parameters` the model is shown these, as the console's tools say them, in place of what the thing model says.
   */
  z.object({
    source: z.literal('action'),
    name: z.string(),
    description: z.string().max(1024).optional(),
    parameters: jsonSchema.optional(),
    isOn: z.boolean().default(true),
  }),
  z.object({
    source: z.literal('http'),
    name: toolName,
    description: z.string().max(1000),
    parameters: jsonSchema,
    method: z.enum(['GET', 'POST']).default('POST'),
    /** `{name}` places are filled from the arguments; the others go as query (GET) or JSON body (POST). */
    url: z.string().max(2000),
    /** Values may name a secret as `${secret:NAME}`; they never reach a log, an event or an export. */
    headers: z.record(z.string(), z.string()).default({}),
    timeoutMs: z.number().int().min(100).max(60_000).default(5000),
    /** May be repeated and abandoned: it changes nothing. */
    isReadOnly: z.boolean().default(true),
  }),
  /** Passages of the text and Markdown files of a folder, nearest to the question first. */
  z.object({ source: z.literal('knowledge'), name: toolName, description: z.string().max(1000), folder: z.string().max(1000) }),
  z.object({ source: z.literal('reminder'), name: toolName.default('set_reminder') }),
  /** GETs the user's URL with `?city=`; the answer goes to the language model as it is. */
  z.object({ source: z.literal('weather'), name: toolName.default('get_weather'), url: z.string().max(2000) }),
  /** Intents that the gateway says in its own words to the board. */
  z.object({ source: z.literal('music'), name: toolName.default('play_music') }),
  z.object({ source: z.literal('call'), name: toolName.default('make_call') }),
]);

/** TWeTalk's thing model, as the console exports it; unknown keys are kept. */
const thingType = z.enum(['bool', 'int', 'float', 'string', 'enum', 'timestamp', 'struct', 'array', 'stringenum']);
export const thingDefine = z.looseObject({
  type: thingType,
  min: z.union([z.string(), z.number()]).optional(),
  max: z.union([z.string(), z.number()]).optional(),
  step: z.union([z.string(), z.number()]).optional(),
  unit: z.string().optional(),
  mapping: z.record(z.string(), z.string()).optional(),
});
const thingParameter = z.looseObject({ id: z.string(), name: z.string().default(''), define: thingDefine });
export const thingModel = z.looseObject({
  version: z.string().default('1.0'),
  properties: z
    .array(
      z.looseObject({
        id: z.string(),
        name: z.string().default(''),
        desc: z.string().default(''),
        mode: z.string().default('rw'),
        define: thingDefine,
      }),
    )
    .default([]),
  events: z
    .array(
      z.looseObject({
        id: z.string(),
        name: z.string().default(''),
        type: z.string().default('info'),
        params: z.array(thingParameter).default([]),
      }),
    )
    .default([]),
  actions: z
    .array(
      z.looseObject({
        id: z.string(),
        name: z.string().default(''),
        desc: z.string().default(''),
        input: z.array(thingParameter).default([]),
        output: z.array(thingParameter).default([]),
      }),
    )
    .default([]),
});

/** One thing that is wrong, or not as it should be, between a thing model and the tools that use it. */
export const lintFinding = z.object({
  severity: z.enum(['error', 'warning']),
  /** 'action control_volume › input volume'. */
  where: z.string(),
  code: z.enum([
    'unknown-action',
    'bad-name',
    'duplicate-name',
    'missing-description',
    'bad-enum',
    'bad-range',
    'missing-type',
    'unknown-argument',
    'wrong-type',
    'no-output',
    'bad-schema',
    'plain-secret',
    'too-many-tools',
  ]),
  data: z.record(z.string(), z.unknown()),
});

/** Something an agent keeps of a device beyond a conversation. */
export const memoryFact = z.object({ id: z.string(), text: z.string(), atWallMs: z.number().int() });
export const deviceMemory = z.object({
  productId: z.string(),
  deviceName: z.string(),
  /** Of the last conversations; empty without. */
  summary: z.string(),
  facts: z.array(memoryFact),
  updatedWallMs: z.number().int(),
});

const device = { productId: z.string(), deviceName: z.string() };
const secretName = z.string().regex(/^[\w.-]{1,64}$/);

export const agentCalls = {
  'agents.put': { request: agentDocument, reply: agentDocument, role: 'operator' },
  /** Refused with 'agent/in-use' {id, by} while something is assigned to it. */
  'agents.remove': { request: z.object({ id: slug }), reply: z.object({}), role: 'operator' },
  /** An assignment without agent and layer is removed. */
  'agents.assign': { request: agentAssignment, reply: z.object({}), role: 'operator' },
  /** What a conversation of that device would run with, and where each leaf ('turns.vadSilenceMs') has its value from. */
  'agents.effective': {
    request: z.object({ ...device, language: z.enum(['zh', 'en']) }),
    reply: z.object({ settings: z.record(z.string(), z.record(z.string(), z.unknown())), origins: z.record(z.string(), layerOrigin) }),
    role: 'viewer',
  },
  /**
   * In the words of GetTWeTalkProductConfigListV2, credentials masked; or of StartAIConversation: its JSON, or a program (Node with the
   * official SDK, a shell script with curl) that takes its keys from the environment.
   */
  'agents.export': {
    request: z.object({ ...device, language: z.enum(['zh', 'en']), format: z.enum(['twetalk', 'trtc', 'trtc-node', 'trtc-curl']) }),
    reply: z.object({ json: z.string() }),
    role: 'operator',
  },
  /** Either's JSON as an agent; its engines become engine profiles. `notes` say what could not be taken over. */
  'agents.import': {
    request: z.object({ id: slug, name: z.string().min(1).max(80), json: z.string().max(1_000_000) }),
    reply: z.object({ agent: agentDocument, notes: z.array(z.string()) }),
    role: 'operator',
  },
  /** The secrets that the headers and addresses of tools name (`${secret:NAME}`), and whether each is kept. */
  'agents.secrets': {
    request: z.object({}),
    reply: z.object({ secrets: z.array(z.object({ name: secretName, isSet: z.boolean() })) }),
    role: 'viewer',
  },
  /** Keeps a secret for tools; null forgets it. It never comes back. */
  'agents.putSecret': {
    request: z.object({ name: secretName, value: z.string().min(1).max(10_000).nullable() }),
    reply: z.object({}),
    role: 'operator',
  },
  'thingmodel.get': {
    request: z.object({ productId: z.string() }),
    reply: z.object({ model: thingModel, isBuiltIn: z.boolean() }),
    role: 'viewer',
  },
  /** `json` as the console exports it. Null: the built-in model again. Fails with 'agent/bad-thing-model' {path, reason}. */
  'thingmodel.put': {
    request: z.object({ productId: z.string(), json: z.string().max(1_000_000).nullable() }),
    reply: z.object({ model: thingModel }),
    role: 'operator',
  },
  'thingmodel.lint': {
    request: z.object({ ...device, language: z.enum(['zh', 'en']) }),
    reply: z.object({ findings: z.array(lintFinding) }),
    role: 'viewer',
  },
  'memory.get': { request: z.object(device), reply: deviceMemory, role: 'viewer' },
  /** All of it, or one fact. */
  'memory.erase': { request: z.object({ ...device, factId: z.string().optional() }), reply: deviceMemory, role: 'operator' },
} as const;

export const agentStreams = {
  /** Snapshot and delta: all of them. */
  'agents.state': {
    request: z.object({}),
    snapshot: z.object({ agents: z.array(agentDocument), assignments: z.array(agentAssignment) }),
    delta: z.object({ agents: z.array(agentDocument), assignments: z.array(agentAssignment) }),
  },
} as const;

export type AgentLayer = z.infer<typeof agentLayer>;
export type AgentDocument = z.infer<typeof agentDocument>;
export type AgentAssignment = z.infer<typeof agentAssignment>;
export type LayerOrigin = z.infer<typeof layerOrigin>;
export type AgentTool = z.infer<typeof agentTool>;
export type ThingModel = z.infer<typeof thingModel>;
export type LintFinding = z.infer<typeof lintFinding>;
export type DeviceMemory = z.infer<typeof deviceMemory>;
