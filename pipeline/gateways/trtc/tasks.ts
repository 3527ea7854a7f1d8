import { randomUUID } from 'node:crypto';
import { isTalkError } from '../../../preload/contract/errors.ts';
import type { PipelineEvent } from '../../../preload/contract/events.ts';
import { asObject } from '../../json-object.ts';
import { type ApiCaller, ApiError } from '../cloud/action.ts';
import { leaveCodes } from './callbacks.ts';
import type { Push } from './pushes.ts';
import { isRoomId, isUserId } from './rooms.ts';
import { Task, type TaskConfiguration, type TaskDeps } from './task.ts';
import { readTaskRequest, type TaskRequest } from './task-request.ts';

export interface TasksDeps extends Omit<TaskDeps, 'obstacle'> {
  /** What the conversation runs with. Rejects with TalkError 'agent/bad-config'. */
  configure(request: TaskRequest): Promise<TaskConfiguration>;
  /** Why a robot may not enter with this UserSig; null: it may. */
  refusedUserSig(request: TaskRequest): string | null;
  /** Whether the lab lets that application in. */
  isSdkAppId(sdkAppId: number): boolean;
  isConfigNeeded(): boolean;
  /** Notes of a request's configuration: recorded. */
  onNotes(taskId: string, notes: readonly string[]): void;
}

const MOST_RUNNING = 100;
/** Ended ones can be asked about for a while; so many of them. */
const MOST_ENDED = 100;

/** The AI conversations there are: what Start, Stop, Describe, Update and Control are about. */
export class Tasks {
  readonly #deps: TasksDeps;
  readonly #tasks = new Map<string, Task>();
  #isNextStartFailing = false;
  #isClosed = false;

  constructor(deps: TasksDeps) {
    this.#deps = deps;
  }

  all(): Task[] {
    return [...this.#tasks.values()];
  }

  find(taskId: string): Task | undefined {
    return this.#tasks.get(taskId);
  }

  /** The robot of the next task cannot enter: 901 says 1. */
  failNextStart(): void {
    this.#isNextStartFailing = true;
  }

  /** Throws ApiError. */
  async start(parameters: Record<string, unknown>, caller: Pick<ApiCaller, 'mayNameServices'>): Promise<Task> {
    const request = readTaskRequest(parameters, caller);
    this.#check(request);
    const configuration = await this.#deps.configure(request).catch(badConfig);
    // Others may have started while it was read.
    try {
      this.#check(request);
    } catch (error) {
      await configuration.close();
      throw error;
    }
    const isFailing = this.#isNextStartFailing;
    this.#isNextStartFailing = false;
    const id = randomUUID();
    const task = new Task(id, request, configuration, { ...this.#deps, obstacle: () => (isFailing ? 'asked for' : null) });
    this.#tasks.set(id, task);
    this.#forget();
    this.#deps.onNotes(id, configuration.notes);
    this.#deps.onChange();
    return task;
  }

  /** Throws ApiError. */
  stop(taskId: string): void {
    this.#running(taskId).stop(leaveCodes.stopped);
  }

  /** By its id, or by the SessionId it was started with: the newest. Throws ApiError for an id nobody has. */
  describe(facts: { taskId: string; sessionId: string; sdkAppId: number | null }): Task | null {
    const { taskId, sessionId, sdkAppId } = facts;
    if (taskId !== '') {
      const task = this.#tasks.get(taskId);
      if (task === undefined || (sdkAppId !== null && task.request.room.sdkAppId !== sdkAppId)) throw unknownTask();
      return task;
    }
    if (sessionId === '' || sdkAppId === null) throw new ApiError('MissingParameter', 'Want `TaskId`, or `SdkAppId` and `SessionId`.');
    return this.all().findLast(({ request }) => request.sessionId === sessionId && request.room.sdkAppId === sdkAppId) ?? null;
  }

  /** Throws ApiError. */
  update(taskId: string, parameters: Record<string, unknown>, caller: Pick<ApiCaller, 'mayNameServices'>): void {
    const task = this.#running(taskId);
    checkConfigs(parameters, false);
    try {
      this.#deps.onNotes(taskId, task.configuration.update(parameters, caller));
    } catch (error) {
      badConfig(error);
    }
  }

  /** ServerPushText and InvokeLLM. Throws ApiError. */
  push(taskId: string, push: Push): void {
    const task = this.#running(taskId);
    if (task.conversation === null)
      throw new ApiError('FailedOperation.NotAllowed', 'The conversation has not begun: the user is not in the room.');
    const outcome = task.push(push);
    if (outcome !== 'said') this.#deps.onNotes(taskId, [`${push.kind === 'say' ? 'ServerPushText' : 'InvokeLLM'}: ${outcome}`]);
  }

  passOn(taskId: string, data: string): void {
    this.#running(taskId).passOn(data);
  }

  observe(event: PipelineEvent): void {
    const conversationId = 'conversationId' in event ? event.conversationId : undefined;
    if (conversationId !== undefined) this.#tasks.get(conversationId)?.observe(event);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const task of this.#tasks.values()) task.stop(leaveCodes.failed);
    await Promise.all(this.all().map(({ ended }) => ended));
  }

  #running(taskId: string): Task {
    const task = this.#tasks.get(taskId);
    if (task === undefined || task.status === 'Stopped') throw unknownTask();
    return task;
  }

  #check(request: TaskRequest): void {
    const { rooms, isSdkAppId, refusedUserSig, isConfigNeeded } = this.#deps;
    const { room, robot, targetUserId, sessionId } = request;
    const running = this.all().filter(({ status }) => status !== 'Stopped');
    if (this.#isClosed || running.length >= MOST_RUNNING)
      throw new ApiError('ResourceInsufficient.RequestRejection', 'Too many tasks run.');
    if (!isSdkAppId(room.sdkAppId)) throw new ApiError('InvalidParameter.SdkAppId', 'The SdkAppId is not the account’s.');
    if (!isRoomId(room.roomId, room.roomIdType))
      throw new ApiError('InvalidParameter.RoomId', `RoomId is not of RoomIdType ${room.roomIdType}.`);
    if (!isUserId(robot.userId) || !isUserId(targetUserId))
      throw new ApiError('InvalidParameter.UserId', 'UserId: letters, digits, - and _ are allowed.');
    if (robot.userId === targetUserId) throw new ApiError('InvalidParameter.UserId', 'The robot’s UserId is the TargetUserId.');
    if (rooms.isOfOtherType(room))
      throw new ApiError(
        'InvalidParameterValue.RoomId',
        `The room is open with another RoomIdType than ${room.roomIdType}: they would not meet.`,
      );
    const open = rooms.find(room);
    if (open?.has(robot.userId) === true && !open.isRobot(robot.userId))
      throw new ApiError('InvalidParameter.UserId', 'A user of the room has the robot’s UserId.');
    const refused = refusedUserSig(request);
    if (refused !== null) throw new ApiError('InvalidParameter.UserSig', `UserSig is expired or wrong: ${refused}.`);
    const isRunning = (task: Task) => task.request.sessionId === sessionId && task.request.room.sdkAppId === room.sdkAppId;
    if (sessionId !== '' && running.some(isRunning)) throw new ApiError('FailedOperation.TaskExist', 'A task with this SessionId runs.');
    checkConfigs(request.parameters, isConfigNeeded());
  }

  #forget(): void {
    const ended = this.all().filter(({ status }) => status === 'Stopped');
    for (const task of ended.slice(0, Math.max(0, ended.length - MOST_ENDED))) this.#tasks.delete(task.id);
  }
}

/** LLMConfig and TTSConfig are JSON in texts. */
function checkConfigs(parameters: Record<string, unknown>, areNeeded: boolean): void {
  for (const name of ['LLMConfig', 'TTSConfig']) {
    const given = parameters[name];
    const isThere = typeof given === 'string' && given !== '';
    if (!isThere && areNeeded) throw new ApiError('MissingParameter', `The request is missing a required parameter \`${name}\`.`);
    if (isThere && objectIn(given) === null) throw new ApiError('InvalidParameter', `\`${name}\` is not a JSON object in a string.`);
  }
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function badConfig(error: unknown): never {
  if (!isTalkError(error, 'agent/bad-config')) throw error;
  throw new ApiError(
    'InvalidParameter',
    `The configuration cannot be read: ${String(error.value.data.path)} ${String(error.value.data.reason)}`,
  );
}

function unknownTask(): ApiError {
  return new ApiError('InvalidParameter.TaskId', 'There is no running task of this TaskId.');
}
