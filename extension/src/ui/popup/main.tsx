/** The toolbar popup's entry. */
import "./popup.css";
import { start } from "../common/page";
import { Popup } from "./Popup";

start(<Popup />);
