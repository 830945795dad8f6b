/** The type vector on a server that has no pgvector: real, where the server can create the extension. */

/**
 * A type of the same name with a type modifier, made of functions that every server has. It holds what it is given
 * as text; it does not check it, and cannot compare distances. Needs a superuser.
 */
export const VECTOR_STAND_IN = `
CREATE TYPE public.vector;
CREATE FUNCTION public.vector_in(cstring) RETURNS public.vector
  AS 'textin' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_out(public.vector) RETURNS cstring
  AS 'textout' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_recv(internal) RETURNS public.vector
  AS 'textrecv' LANGUAGE internal STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_send(public.vector) RETURNS bytea
  AS 'textsend' LANGUAGE internal STABLE STRICT PARALLEL SAFE;
-- char(n)'s modifier functions, as varchar has them: n is stored with four added, and printed as (n).
CREATE FUNCTION public.vector_typmod_in(cstring[]) RETURNS integer
  AS 'varchartypmodin' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_typmod_out(integer) RETURNS cstring
  AS 'varchartypmodout' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE TYPE public.vector (
  INPUT = public.vector_in, OUTPUT = public.vector_out, RECEIVE = public.vector_recv, SEND = public.vector_send,
  TYPMOD_IN = public.vector_typmod_in, TYPMOD_OUT = public.vector_typmod_out,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
CREATE FUNCTION public.vector_eq(public.vector, public.vector) RETURNS boolean
  AS 'byteaeq' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_ne(public.vector, public.vector) RETURNS boolean
  AS 'byteane' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_lt(public.vector, public.vector) RETURNS boolean
  AS 'bytealt' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_le(public.vector, public.vector) RETURNS boolean
  AS 'byteale' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_gt(public.vector, public.vector) RETURNS boolean
  AS 'byteagt' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_ge(public.vector, public.vector) RETURNS boolean
  AS 'byteage' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION public.vector_cmp(public.vector, public.vector) RETURNS integer
  AS 'byteacmp' LANGUAGE internal IMMUTABLE STRICT PARALLEL SAFE;
CREATE OPERATOR public.= (LEFTARG = public.vector, RIGHTARG = public.vector, FUNCTION = public.vector_eq,
  COMMUTATOR = OPERATOR(public.=), NEGATOR = OPERATOR(public.<>), RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR public.<> (LEFTARG = public.vector, RIGHTARG = public.vector, FUNCTION = public.vector_ne,
  COMMUTATOR = OPERATOR(public.<>), NEGATOR = OPERATOR(public.=), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR public.< (LEFTARG = public.vector, RIGHTARG = public.vector, FUNCTION = public.vector_lt);
CREATE OPERATOR public.<= (LEFTARG = public.vector, RIGHTARG = public.vector, FUNCTION = public.vector_le);
CREATE OPERATOR public.> (LEFTARG = public.vector, RIGHTARG = public.vector, FUNCTION = public.vector_gt);
CREATE OPERATOR public.>= (LEFTARG = public.vector, RIGHTARG = public.vector, FUNCTION = public.vector_ge);
CREATE OPERATOR CLASS public.vector_ops DEFAULT FOR TYPE public.vector USING btree AS
  OPERATOR 1 public.<, OPERATOR 2 public.<=, OPERATOR 3 public.=, OPERATOR 4 public.>=, OPERATOR 5 public.>,
  FUNCTION 1 public.vector_cmp(public.vector, public.vector);
`;
