import { create } from 'zustand';

interface ChosenBoards {
  /** In the order they were ticked. */
  addresses: readonly string[];
  /** Of boards whose address was typed: no list has them. */
  typed: readonly string[];
  /** What is stuck on each board, by its address. */
  labels: Readonly<Record<string, string>>;
  /** Whose tools are shown. */
  tooled: string | null;
}

/** Which boards the next flash is for. They stay ticked while the screen is left. */
export const useChosenBoards = create<ChosenBoards>(() => ({ addresses: [], typed: [], labels: {}, tooled: null }));

export function tickBoard(address: string, isTicked: boolean): void {
  const { addresses } = useChosenBoards.getState();
  if (isTicked === addresses.includes(address)) return;
  useChosenBoards.setState({ addresses: isTicked ? [...addresses, address] : addresses.filter((each) => each !== address) });
}

export function tickBoards(addresses: readonly string[]): void {
  useChosenBoards.setState({ addresses });
}

export function addTypedBoard(address: string): void {
  const { typed } = useChosenBoards.getState();
  if (!typed.includes(address)) useChosenBoards.setState({ typed: [...typed, address] });
  tickBoard(address, true);
}

export function labelBoard(address: string, label: string): void {
  useChosenBoards.setState({ labels: { ...useChosenBoards.getState().labels, [address]: label } });
}

export function showToolsOf(address: string | null): void {
  useChosenBoards.setState({ tooled: address });
}
