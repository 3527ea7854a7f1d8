import { createContext, useContext } from 'react';
import type { LintFinding } from '../../../../preload/contract/agents.ts';

export interface ToolsSurroundings {
  /** Whose actions are offered; null: a device's of the bench. */
  productId: string | null;
  /** What is wrong between the tools and the thing model, where somebody has looked. */
  findings: readonly LintFinding[];
}

const Surroundings = createContext<ToolsSurroundings>({ productId: null, findings: [] });
export const ToolsSurroundingsProvider = Surroundings.Provider;

export function useToolsSurroundings(): ToolsSurroundings {
  return useContext(Surroundings);
}
