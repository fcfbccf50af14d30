/** The approve window's entry: which ceremony it is for stands in its address. */
import "./approve.css";
import { start } from "../common/page";
import { Approve } from "./Approve";

start(<Approve ceremony={new URLSearchParams(location.search).get("ceremony") ?? undefined} />);
