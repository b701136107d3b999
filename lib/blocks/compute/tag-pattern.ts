/** A tag as container registries take it, other than the one that moves; for CloudFormation and Systems Manager too. */
export const TAG_PATTERN = '^(?!latest$)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$';
