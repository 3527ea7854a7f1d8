import { expect, test } from 'vitest';
import { boardCalls, virtualBoardKind } from '../../../../../preload/contract/boards.ts';
import { boardKinds, faults, troubles } from '../../../../../renderer/features/talk/board-choices.ts';

const { fault, trouble } = boardCalls['boards.start'].request.shape;

test('every board in software can be chosen, and everything that can be wrong with it', () => {
  expect(boardKinds.flatMap(({ kinds }) => [...kinds]).toSorted()).toEqual([...virtualBoardKind.options].toSorted());
  expect(['none', ...faults.flatMap((group) => [...group.faults])].toSorted()).toEqual([...fault.unwrap().options].toSorted());
  expect(troubles).toEqual(trouble.unwrap().options);
});
