import { type ApiAction, ApiError } from '../cloud/action.ts';
import type { Parameters } from '../cloud/parameters.ts';
import type { RoomName } from './room.ts';
import type { Rooms } from './rooms.ts';
import { controlParameters, startParameters, updateParameters } from './task-request.ts';
import type { Tasks } from './tasks.ts';

const version = '2019-07-22';
const optionalSdkAppId = { type: 'integer', min: 1, max: 4_294_967_295 } as const;
const sdkAppId = { ...optionalSdkAppId, isRequired: true } as const;
const taskId = { type: 'string', isRequired: true, max: 256 } as const;

/** trtc 2019-07-22: the conversation actions, and those that throw users out of rooms. Throws what `trtc` throws where it does not run. */
export function trtcActions(trtc: () => { tasks: Tasks; rooms: Rooms }): ApiAction[] {
  const action = (name: string, parameters: Parameters, run: ApiAction['run']): ApiAction => ({ version, name, parameters, run });
  return [
    action('StartAIConversation', startParameters, async (parameters, caller) => ({
      TaskId: (await trtc().tasks.start(parameters, caller)).id,
    })),
    action('StopAIConversation', { TaskId: taskId }, ({ TaskId }) => {
      trtc().tasks.stop(TaskId as string);
      return {};
    }),
    action(
      'DescribeAIConversation',
      { SdkAppId: optionalSdkAppId, TaskId: { type: 'string', max: 256 }, SessionId: { type: 'string', max: 128 } },
      (parameters) => taskState(trtc().tasks, parameters),
    ),
    action('UpdateAIConversation', updateParameters, ({ TaskId, ...changes }, caller) => {
      trtc().tasks.update(TaskId as string, changes, caller);
      return {};
    }),
    action('ControlAIConversation', controlParameters, (parameters) => {
      control(trtc().tasks, parameters);
      return {};
    }),
    ...(['RemoveUser', 'RemoveUserByStrRoomId'] as const).map((name) =>
      action(
        name,
        {
          SdkAppId: sdkAppId,
          RoomId: roomId(name),
          UserIds: { type: 'array', isRequired: true, min: 1, max: 10, item: { type: 'string' } },
        },
        (parameters) => {
          const room = roomOf(trtc().rooms, parameters, name === 'RemoveUser' ? 0 : 1);
          const removed = (parameters.UserIds as string[]).filter((userId) => room.remove(userId, 'removed'));
          if (removed.length === 0) throw new ApiError('FailedOperation.UserNotExist', 'None of these users is in the room.');
          return {};
        },
      ),
    ),
    ...(['DismissRoom', 'DismissRoomByStrRoomId'] as const).map((name) =>
      action(name, { SdkAppId: sdkAppId, RoomId: roomId(name) }, (parameters) => {
        roomOf(trtc().rooms, parameters, name === 'DismissRoom' ? 0 : 1).dismiss('dismissed');
        return {};
      }),
    ),
  ];
}

function roomId(name: string) {
  return name.endsWith('ByStrRoomId')
    ? ({ type: 'string', isRequired: true, max: 64 } as const)
    : ({ type: 'integer', isRequired: true, min: 1, max: 4_294_967_294 } as const);
}

function roomOf(rooms: Rooms, parameters: Record<string, unknown>, roomIdType: RoomName['roomIdType']) {
  const room = rooms.find({ sdkAppId: parameters.SdkAppId as number, roomId: String(parameters.RoomId), roomIdType });
  if (room === undefined) throw new ApiError('FailedOperation.RoomNotExist', 'The room does not exist.');
  return room;
}

function taskState(tasks: Tasks, parameters: Record<string, unknown>): Record<string, unknown> {
  const { TaskId = '', SessionId = '', SdkAppId = null } = parameters as { TaskId?: string; SessionId?: string; SdkAppId?: number };
  const task = tasks.describe({ taskId: TaskId, sessionId: SessionId, sdkAppId: SdkAppId });
  if (task === null) return { Status: 'Idle', SessionId };
  const { sessionId } = task.request;
  return {
    StartTime: timeText(task.startedWallMs),
    Status: task.status,
    TaskId: task.id,
    ...(sessionId !== '' && { SessionId: sessionId }),
  };
}

function control(tasks: Tasks, parameters: Record<string, unknown>): void {
  const { TaskId, Command } = parameters as { TaskId: string; Command: string };
  if (Command === 'ServerPushText') {
    const push = required(parameters, 'ServerPushText');
    if (typeof push.Audio === 'string' && push.Audio !== '')
      throw new ApiError('UnsupportedOperation', 'ServerPushText.Audio is not supported here: give Text.');
    tasks.push(TaskId, {
      ...{ kind: 'say', text: textOf(push, 'ServerPushText', 'Text') },
      ...{ isInterrupting: push.Interrupt === true, isKept: push.DropMode === 1, isLast: push.StopAfterPlay === true },
    });
  } else if (Command === 'InvokeLLM') {
    const invoke = required(parameters, 'InvokeLLM');
    tasks.push(TaskId, {
      ...{ kind: 'ask', text: textOf(invoke, 'InvokeLLM', 'Content') },
      ...{ isInterrupting: invoke.Interrupt === true, isKept: true, isLast: false },
    });
  } else tasks.passOn(TaskId, String(required(parameters, 'TransparentData').Data));
}

function required(parameters: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = parameters[name];
  if (value === undefined) throw new ApiError('MissingParameter', `The request is missing a required parameter \`${name}\`.`);
  return value as Record<string, unknown>;
}

function textOf(block: Record<string, unknown>, command: string, name: string): string {
  const text = block[name];
  if (typeof text !== 'string' || text.trim() === '')
    throw new ApiError('MissingParameter', `The request is missing a required parameter \`${command}.${name}\`.`);
  return text;
}

/** '2025-04-24 16:15:48.076000', the service's own form, in UTC+8 as it is there. */
function timeText(wallMs: number): string {
  return `${new Date(wallMs + 8 * 3_600_000).toISOString().slice(0, 23).replace('T', ' ')}000`;
}
