/** The rows of the variables view: what the kernel says, joined with the model. Pure. */
import { cellName } from './graph';
import type { ICells } from './graph';
import type { StateName } from './protocol';
import type { IVariable } from './questions';

export interface IRow {
  readonly variable: IVariable;
  /** The cells that define it, each with a version of its own, in document order. */
  readonly definedIn: readonly string[];
  readonly usedBy: readonly string[];
  /** The state of the cell whose version is shown. */
  readonly state: StateName;
}

/** Types of what is a tool rather than data: listed last. */
const TOOLS = /^(module|type|ABCMeta|function|builtin_function_or_method|ufunc)$/;

/** Return a row for each variable: data first, then modules, classes and functions. */
export function rowsOf(variables: readonly IVariable[], model: ICells): IRow[] {
  const defining = new Map<string, string[]>();
  const using = new Map<string, string[]>();
  const add = (table: Map<string, string[]>, name: string, id: string) =>
    table.set(name, [...(table.get(name) ?? []), id]);
  for (const id of model.order) {
    const cell = model.cells.get(id);
    cell?.defines.forEach(name => add(defining, name, id));
    cell?.uses.forEach((writer, name) => {
      if (writer !== null) {
        add(using, name, id);
      }
    });
  }
  const isTool = ({ type }: IVariable) => TOOLS.test(type ?? '');
  const sorted = [
    ...variables.filter(each => !isTool(each)),
    ...variables.filter(isTool)
  ];
  return sorted.map(variable => ({
    variable,
    definedIn: defining.get(variable.name) ?? [variable.cell],
    usedBy: using.get(variable.name) ?? [],
    state: model.cells.get(variable.cell)?.state ?? 'new'
  }));
}

/** Tell whether a row has all words of a search in its name, type, value or state. */
export function matches(row: IRow, model: ICells, search: string): boolean {
  const { name, type, value, cell } = row.variable;
  const text = [name, type, value, row.state, cellName(model, cell)]
    .join(' ')
    .toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word));
}

/** Return a number of bytes in a unit that is easy to read. */
export function human(size: number | null): string {
  if (size === null) {
    return '';
  }
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let scaled = size;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && scaled < 9.95 ? 1 : 0;
  return `${scaled.toFixed(digits)} ${units[unit]}`;
}
