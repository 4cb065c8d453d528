/** What the form of a template holds. */
export interface TemplateValues {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly body: string;
  /** What each gap is shown with, by its name. */
  readonly samples: Readonly<Record<string, string>>;
}

/** What gaps are shown with before anybody says so, by the names that most lists use. */
const SAMPLES: readonly (readonly [name: RegExp, sample: string])[] = [
  [/^(name|nama|first_?name|nama_?depan)$/i, "Ibu Sari"],
  [/^(phone|number|nomor|telepon|no_?hp)$/i, "+62 800 0000 142"],
];

/** So that a template reads as a message at once; gaps of other names stay gaps. */
export function samplesFor(gaps: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    gaps.map((gap) => [gap, SAMPLES.find(([name]) => name.test(gap))?.[1] ?? ""]),
  );
}
