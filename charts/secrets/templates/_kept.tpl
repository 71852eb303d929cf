{{/* The value under `key` in the Secret `name` of the running release, in base64, or else a new one: what `fresh` is. */}}
{{- define "secrets.kept" -}}
{{- $old := lookup "v1" "Secret" .release.Namespace .name | default dict -}}
{{- dig "data" .key (.fresh | b64enc) $old -}}
{{- end }}
