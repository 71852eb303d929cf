/** A validated Istio resource and its place in a file. */
export interface Resource<Spec> {
  kind: string;
  name: string;
  spec: Spec;
  file: string;
  line: number;
  /** Returns the line of a field such as `spec.http[0].timeout`. */
  lineOf(field: string): number;
}
